import { download, get, parseExactly } from './api.js'
import { announce, byId, el, setText } from './dom.js'
import { count, plural } from './format.js'
import { frame } from './section.js'
import { timeOf } from './times.js'

const root = byId('members'), next = byId('members-next'), previous = byId('members-previous'), where = byId('members-where')
const save = byId('members-csv'), columns = byId('members-properties'), failure = byId('members-failure')
const size = 50
const shown = frame(root)
let segment = null, cursors = [undefined], following, ending = null, check = () => {}

/** Shows the members of a segment from the first page; `explain(userId)` is called for one that is clicked. */
export function show(id, explain) {
  segment = id
  check = explain
  cursors = [undefined]
  root.hidden = id === null
  shown.reset()
  if (id !== null) load()
  else ending?.abort()
}

/** Loads the first page again, if it is shown: the members have been computed. */
export const refresh = () => { if (segment !== null && cursors.length === 1) load() }

const properties = () => columns.value.split(',').map(name => name.trim()).filter(Boolean)

async function load() {
  ending?.abort()
  const { signal } = ending = new AbortController()
  shown.wait()
  try {
    const names = properties()
    const answer = await get(`/api/segments/${segment}/members`, { cursor: cursors.at(-1), limit: size, properties: names.join(',') }, signal, parseExactly)
    if (signal.aborted) return
    render(answer, names)
    shown.show(answer.members.length > 0 ? 'ready' : 'empty')
  } catch (error) {
    if (!signal.aborted) shown.fail(error)
  }
}

function render({ members, next_cursor: cursor, count: total, as_of: at }, names) {
  following = cursor ?? undefined
  const first = (cursors.length - 1) * size
  byId('members-head').replaceChildren(...['User', 'Member since', ...names].map(name => el('th', { scope: 'col' }, el('bdi', {}, name))))
  byId('members-rows').replaceChildren(...members.map(member => rowOf(member, names)))
  setText(where, members.length > 0 ? `${count(first + 1)} to ${count(first + members.length)}${total === undefined ? '' : ` of ${count(total)}`}` : '')
  byId('members-as-of').replaceChildren(...at ? ['as of ', timeOf(at, 'clock')] : [])
  next.disabled = following === undefined
  previous.disabled = cursors.length === 1
}

const rowOf = ({ user_id: user, since, properties: values = {} }, names) => el('tr', { 'data-user': user },
  el('th', { scope: 'row' }, el('button', { type: 'button', class: 'link', title: 'Why?', onclick: () => check(user) }, el('bdi', {}, user))),
  el('td', {}, timeOf(since, 'full')),
  ...names.map(name => el('td', {}, values[name] === undefined ? el('span', { class: 'muted' }, 'unset') : el('code', {}, el('bdi', {}, JSON.stringify(values[name]))))))

/** Loads another page. The button keeps the focus unless it is disabled then. */
async function turn(button, other) {
  await load()
  announce(`Members ${where.textContent}.`)
  if (button.disabled) other.focus()
}

next.addEventListener('click', () => {
  cursors.push(following)
  turn(next, previous)
})
previous.addEventListener('click', () => {
  cursors.pop()
  turn(previous, next)
})
byId('members-form').addEventListener('submit', event => {
  event.preventDefault()
  cursors = [undefined]
  load()
})

save.addEventListener('click', async () => {
  save.disabled = true
  setText(save, 'Downloading…')
  failure.textContent = ''
  try {
    const file = await download(`/api/segments/${segment}/members`, { properties: properties().join(',') }, 'text/csv')
    const address = URL.createObjectURL(file)
    el('a', { href: address, download: `segment-${segment}.csv` }).click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    announce(`The file of ${plural(file.size, 'byte')} is saved.`)
  } catch (error) {
    failure.textContent = `The file could not be loaded: ${error.message}`
  } finally {
    save.disabled = false
    setText(save, 'Download CSV')
  }
})
