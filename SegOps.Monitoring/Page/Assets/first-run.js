import { get, parseExactly } from './api.js'
import { announce, byId, el, setText } from './dom.js'
import { poll } from './poll.js'
import { environment, key, signOut } from './session.js'

const every = 2000
const celebration = 5000
const root = byId('first-run'), dashboard = byId('dashboard'), fill = byId('first-run-key'), copy = byId('first-run-copy')
const from = byId('first-run-from'), text = byId('first-run-snippet')

// Only the command can hold the key that signed in. It is a secret key, which must not be in a web page.
const commandOf = shownKey => `curl -X POST ${location.origin}/api/ingestion/track/ \\
  -H "Authorization: ApiKey ${shownKey}" \\
  -H "Content-Type: application/json" \\
  -d '{"user_id": "user-123", "event_type": "order_placed", "payload": {"total": 89.95, "currency": "USD"}}'`

const scriptOf = publishableKey => `<script type="module">
  fetch('${location.origin}/api/ingestion/track/', {
    method: 'POST',
    keepalive: true, // also while the page closes
    headers: { 'Authorization': 'ApiKey ${publishableKey}', 'Content-Type': 'application/json' },
    body: JSON.stringify({ user_id: 'user-123', event_type: 'page_viewed', payload: { path: location.pathname } }),
  })
</script>`

/** Checks whether the project has events. If not, shows how to send the first one. Calls `showFigures` when there are events. */
export function begin(showFigures) {
  showSnippet()
  dashboard.dataset.mode = 'deciding'
  let isWaiting = false
  const asking = poll(every, async signal => {
    const { events } = await ask('/events', { limit: 1 }, signal)
    if (events.length > 0) return arrived(events[0])
    if (!isWaiting && (await ask('/volume', { window: '7d' }, signal)).accepted > 0) return arrived()
    if (signal.aborted) return
    isWaiting = true
    dashboard.dataset.mode = 'first-run'
    root.hidden = false
    root.dataset.state = 'empty'
  })

  async function ask(path, query, signal) {
    try {
      return await get(path, query, signal, parseExactly)
    } catch (error) {
      if (error.endsSession) signOut(error.message)
      // If the check fails, show the sections, which report their own errors.
      else if (!isWaiting && !signal.aborted) showFigures()
      throw error
    }
  }

  function arrived(event) {
    asking.stop()
    if (!isWaiting) return figures()
    celebrate(event)
    setTimeout(figures, celebration)
  }

  function figures() {
    root.hidden = true
    dashboard.dataset.mode = 'figures'
    showFigures()
  }

  asking.start()
}

function celebrate({ event_type: type, user_id: user }) {
  root.dataset.state = 'ready'
  byId('first-run-what').replaceChildren(el('bdi', {}, type), ' of ', el('bdi', {}, user), '. All further events appear on this page automatically.')
  byId('first-run-waiting').hidden = true
  byId('first-run-arrived').hidden = false
  announce('Your first event is here.')
}

function showSnippet() {
  const isScript = from.querySelector(':checked').value === 'browser', isFilled = fill.getAttribute('aria-pressed') === 'true'
  text.textContent = isScript ? scriptOf(`pk_${environment()}_…`) : commandOf(isFilled ? key() : '$SEGOPS_API_KEY')
  text.setAttribute('aria-label', isScript ? 'The script' : 'The command')
  byId('first-run-command-note').hidden = fill.hidden = isScript
  byId('first-run-script-note').hidden = !isScript
}

from.addEventListener('change', showSnippet)
byId('first-run-from-terminal').checked = true // browsers restore form fields on reload

fill.addEventListener('click', () => {
  const isFilled = fill.getAttribute('aria-pressed') === 'true'
  fill.setAttribute('aria-pressed', String(!isFilled))
  setText(fill, isFilled ? 'Show with my key' : 'Hide my key')
  showSnippet()
})

copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(text.textContent)
    setText(copy, 'Copied')
    announce('Copied.')
  } catch {
    // The clipboard requires https. Without it, select the text.
    getSelection().selectAllChildren(text)
    setText(copy, 'Press Ctrl+C')
  }
  setTimeout(() => setText(copy, 'Copy'), 2000)
})
