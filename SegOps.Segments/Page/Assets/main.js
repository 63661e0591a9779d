import { get } from './api.js'
import { eventTypes, properties } from './counter.js'
import { byId, el, setText } from './dom.js'
import * as editor from './editor.js'
import { examples } from './examples.js'
import { known, list, onSegments, select, showState } from './list.js'
import * as members from './members.js'
import * as save from './save.js'
import { signOut } from './session.js'
import { signIn } from './sign-in.js'

const title = byId('editor-title'), state = byId('editor-state'), intro = byId('intro'), loading = byId('load-failure')
/** The part of the address that names the segment, its id or `new`, and the segment that is still computed. */
let shown = '', computing = ''

signIn(() => get('/api/segments/'), show)

function show() {
  byId('dashboard').hidden = false
  editor.start()
  save.start(open, close)
  onSegments(refresh)
  list.start()
  addEventListener('hashchange', route)
  if (location.hash !== '') route()
  suggest('event-type-names', eventTypes())
  suggest('property-names', properties())
}

async function suggest(list, names) {
  byId(list).replaceChildren(...(await names).map(value => el('option', { value })))
}

/** After each answer of the list: shows the first segment, or how to begin, and the state of the one that is shown. */
function refresh(segments) {
  if (shown === '') location.replace(segments.length > 0 && !isNarrow() ? `#${segments[0].id}` : '#new')
  byId('dashboard').dataset.mode = segments.length > 0 ? 'figures' : 'first-run'
  const segment = segments.find(each => each.id === shown)
  state.hidden = segment === undefined
  if (!segment) return
  showState(state, segment)
  if (computing === segment.id && segment.state !== 'computing') members.refresh()
  computing = segment.state === 'computing' ? segment.id : ''
}

/** On a narrow screen the list comes first, and the segment below it only when it is chosen. */
const isNarrow = () => matchMedia('(max-width: 960px)').matches

async function route() {
  const wanted = decodeURIComponent(location.hash.slice(1)) || 'new'
  if (wanted === shown) return
  if (shown !== '' && !await save.mayLeave()) return history.replaceState(null, '', `#${shown}`)
  await showSegment(wanted)
}

async function showSegment(id) {
  const isFirst = shown === ''
  shown = id
  select(id)
  loading.replaceChildren()
  if (id === 'new') edit(null)
  else await load(id)
  if (shown === id && !isFirst) moveTo()
}

/** Moves the focus to what was chosen, and on a narrow screen the view. */
function moveTo() {
  title.focus({ preventScroll: !isNarrow() })
  if (isNarrow()) byId('editor').scrollIntoView({ block: 'start' })
}

async function load(id) {
  try {
    const segment = await get(`/api/segments/${encodeURIComponent(id)}`)
    if (shown === id) edit(segment)
  } catch (error) {
    if (error.endsSession) return signOut(error.message)
    if (shown !== id) return
    byId('editor').hidden = byId('members').hidden = byId('changes').hidden = true
    loading.replaceChildren(el('p', { class: 'card' }, error.code === 'segment_not_found' ? 'This segment does not exist, or no longer.' : error.message))
  }
}

function edit(segment) {
  setText(title, segment === null ? 'New segment' : 'Segment')
  intro.hidden = segment !== null
  state.hidden = segment === null
  save.edit(segment)
  refreshState()
}

function refreshState() {
  if (known()) refresh(known())
}

/** A new segment has been created: its address is now its own. */
function open(segment) {
  shown = segment.id
  history.replaceState(null, '', `#${segment.id}`)
  select(segment.id)
  setText(title, 'Segment')
  intro.hidden = true
}

function close() {
  shown = ''
  save.edit(null)
  location.hash = '#new'
}

byId('examples').replaceChildren(...examples.map(([words, rule]) => el('li', {}, el('button', { type: 'button', class: 'chip', onclick: () => {
  editor.load(rule)
  if (byId('segment-name').value === '') byId('segment-name').value = words
  editor.focusName()
} }, words))))
