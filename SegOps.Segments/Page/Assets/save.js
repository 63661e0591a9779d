import { ApiError, get, send } from './api.js'
import { ask } from './ask.js'
import { announce, byId, el, setText } from './dom.js'
import * as editor from './editor.js'
import { list } from './list.js'
import { noteOf } from './notes.js'
import { explain } from './section.js'
import { signOut } from './session.js'
import { timeOf } from './times.js'

const button = byId('save'), discard = byId('discard'), remove = byId('delete'), status = byId('save-status'), failure = byId('save-failure'), name = byId('segment-name')
let opened = () => {}, closed = () => {}, current = null, isBusy = false

/** `onOpen(segment)` is called when a segment was created, `onClose()` when one was deleted. */
export function start(onOpen, onClose) {
  [opened, closed] = [onOpen, onClose]
  editor.onChange(showState)
  byId('editor-form').addEventListener('submit', event => {
    event.preventDefault()
    save()
  })
}

/** Shows the segment in the editor; null for a new one. */
export function edit(segment) {
  current = segment
  failure.replaceChildren()
  editor.edit(segment)
  showState()
}

/** The segment as it is stored, but not what was typed since. */
export const stored = () => current

function showState() {
  const changed = editor.isChanged(), { id } = editor.definition()
  button.disabled = isBusy || !changed
  setText(button, isBusy ? 'Saving…' : id === null ? 'Create segment' : 'Save changes')
  discard.hidden = !changed
  remove.hidden = id === null
  setText(status, isBusy ? '' : changed ? 'Not saved' : id === null ? '' : `Saved, version ${current?.version}`)
  if (name.value.trim() !== '') faultOfName('')
}

async function save(version = editor.definition().version) {
  const { id, name: typed, rule } = editor.definition()
  failure.replaceChildren()
  if (typed === '') return faultOfName('Name the segment.')
  if (rule === null) return fail('The rule is not JSON.')
  isBusy = true
  showState()
  try {
    const body = { name: typed, rule }
    const segment = id === null ? await send('POST', '/api/segments/', { body }) : await send('PUT', `/api/segments/${id}`, { body, headers: { 'If-Match': `"${version}"` } })
    isBusy = false
    current = segment
    editor.stored(segment)
    list.restart()
    announce(id === null ? 'The segment is created.' : 'The changes are saved.')
    if (id === null) opened(segment)
    failure.replaceChildren(...(segment.warnings ?? []).map(({ message, code }) => noteOf('warning', message, code)))
  } catch (error) {
    isBusy = false
    await refused(error, { id, name: typed, rule })
  }
  showState()
}

async function refused(error, mine) {
  if (error.endsSession) return signOut(error.message)
  if (error.code === 'segment_changed') return conflict(mine)
  if (error.code === 'segment_not_found') return goneMeanwhile()
  if (error.faults?.length > 0) {
    editor.showFaults(error.faults)
    return fail('The rule has faults. They are shown where they belong.')
  }
  if (error instanceof ApiError) failure.replaceChildren(...explain(error))
  else throw error
}

/** The segment was changed since it was read: asks whose version holds. */
async function conflict(mine) {
  const theirs = await read(mine.id)
  if (theirs === null) return
  const detail = [
    el('p', {}, 'Version ', el('b', {}, String(theirs.version)), ' was saved at ', timeOf(theirs.updated_at, 'full'), ', after this page had read version ', el('b', {}, String(editor.definition().version)), '.',
      theirs.name === mine.name ? '' : el('span', {}, ' Its name is “', el('bdi', {}, theirs.name), '”.')),
    el('details', {}, el('summary', {}, 'Its rule'), el('pre', { tabindex: '0', 'aria-label': 'The stored rule' }, JSON.stringify(theirs.rule, null, 2))),
  ]
  const answer = await ask('The segment was changed meanwhile', detail, [['keep', 'Keep editing'], ['theirs', 'Load the stored version'], ['mine', 'Replace it with mine', 'danger']])
  if (answer === 'mine') return save(theirs.version)
  if (answer === 'theirs') edit(theirs)
  else fail('Not saved. The stored version is a different one.')
}

async function read(id) {
  try {
    return await get(`/api/segments/${id}`)
  } catch (error) {
    await refused(error, {})
    return null
  }
}

async function goneMeanwhile() {
  const answer = await ask('The segment was deleted meanwhile', 'Your changes can be saved as a new segment.', [['new', 'Save as a new segment', 'primary'], ['leave', 'Discard them', 'danger']])
  if (answer === 'leave') return closed()
  if (answer !== 'new') return
  const { name: typed, rule } = editor.definition()
  edit(null)
  name.value = typed
  editor.load(rule)
  await save()
}

async function deleteIt() {
  const { id, name: typed } = editor.definition()
  const answer = await ask(`Delete “${typed}”?`, 'Its members and changes can no longer be read, and streams of its changes end. This cannot be undone.', [['keep', 'Keep it'], ['delete', 'Delete the segment', 'danger']])
  if (answer !== 'delete') return
  failure.replaceChildren()
  try {
    await send('DELETE', `/api/segments/${id}`)
  } catch (error) {
    if (error.endsSession) return signOut(error.message)
    if (error.code !== 'segment_not_found') return failure.replaceChildren(...explain(error))
  }
  announce('The segment is deleted.')
  editor.clear()
  list.restart()
  closed()
}

/** Asks before changes are lost. Returns whether they may be. */
export const mayLeave = async () => !editor.isChanged() ||
  await ask('Discard your changes?', 'The changes of this segment are not saved.', [['keep', 'Keep editing'], ['discard', 'Discard them', 'danger']]) === 'discard'

const fail = message => failure.replaceChildren(noteOf('fault', message))

function faultOfName(message) {
  setText(byId('name-fault'), message)
  name.setAttribute('aria-invalid', String(message !== ''))
  if (message) name.focus()
}

discard.addEventListener('click', async () => { if (await mayLeave()) edit(current) })
remove.addEventListener('click', deleteIt)
addEventListener('beforeunload', event => { if (editor.isChanged()) event.preventDefault() })
