import { byId } from './dom.js'

const titles = { '24h': 'Last 24 hours', '7d': 'Last 7 days' }
const listeners = new Set()
let current = '24h'

/** The time window of all the project's figures: `24h` or `7d`. */
export const currentWindow = () => current

export const onWindowChange = listener => listeners.add(listener)

byId('window').addEventListener('change', event => {
  current = event.target.value
  byId('window-title').textContent = titles[current]
  for (const listener of listeners) listener()
})

// Browsers restore form fields on reload; the toggle must match the figures.
byId('window-24h').checked = true
