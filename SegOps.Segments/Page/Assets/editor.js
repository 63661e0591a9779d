import { get } from './api.js'
import { createBuilder } from './builder.js'
import { check, setOutdated, setSubject } from './check.js'
import * as changes from './changes.js'
import { createCode } from './code.js'
import { createCounter } from './counter.js'
import { byId, el, setText } from './dom.js'
import { lacksOf } from './lacks.js'
import { known, ruleOf } from './list.js'
import * as members from './members.js'
import { newCondition, newGroup, toRule } from './model.js'
import { noteOf } from './notes.js'
import { fromRule, Unreadable } from './reader.js'
import { showResult } from './result.js'
import { canonical } from './rule.js'

const root = byId('editor'), name = byId('segment-name'), unreadable = byId('unreadable'), rest = byId('rule-notes')
const listeners = new Set()
/** What is edited. `rule` is null while its JSON cannot be parsed, and `isTree` tells whether the builder shows it. */
const draft = { id: null, version: undefined, rule: null, isTree: true, saved: canonical(['', null]) }
let result = {}

const checkUser = id => check.show(id)
const counter = createCounter(ruleOf, found => {
  result = found
  showCount()
  annotate()
  if (found.state === 'counted') check.again()
})
const showCount = () => {
  showResult(result, checkUser)
  setOutdated(result.state === 'faulty' || result.state === 'incomplete')
}
const builder = createBuilder(byId('builder'), byId('undo'), {
  changed: () => changed(toRule(builder.root()), 'builder'),
  segments: () => (known() ?? []).filter(segment => segment.id !== draft.id).map(segment => [segment.id, segment.name]),
})
const code = createCode({ typed: rule => changed(rule, 'json'), broken: () => changed(null, 'json') })

export const definition = () => ({ id: draft.id, version: draft.version, name: name.value.trim(), rule: draft.rule })
export const isChanged = () => canonical([name.value.trim(), draft.rule]) !== draft.saved
/** Calls `listener()` after each change of the name or the rule. */
export const onChange = listener => listeners.add(listener)
export const focusName = () => name.focus()
/** Removes what was asked about the previous segment. Its answers are no longer valid. */
export function clear() {
  counter.forget()
  check.forget()
}

/** Edits a saved segment, or a new one. */
export function edit(segment) {
  const isOther = segment === null || segment.id !== draft.id
  draft.id = segment?.id ?? null
  draft.version = segment?.version
  root.hidden = false
  name.value = segment?.name ?? ''
  if (isOther) clear()
  load(segment?.rule ?? { all: [] })
  markSaved()
  code.view(draft.isTree ? 'builder' : 'json')
  if (!isOther) return
  members.show(draft.id, checkUser)
  changes.follow(draft.id, checkUser)
}

/** The draft is now what is stored as `segment`. */
export function stored(segment) {
  draft.id = segment.id
  draft.version = segment.version
  markSaved()
  members.show(draft.id, checkUser)
  changes.follow(draft.id, checkUser)
}

/** Replaces the rule, as typing its JSON does. */
export function load(rule) {
  code.show(rule)
  changed(rule, 'json')
}

/** Shows faults that saving found. */
export function showFaults(faults) {
  result = { state: 'faulty', faults }
  showCount()
  annotate()
}

function markSaved() {
  draft.saved = canonical([name.value.trim(), draft.rule])
  tell()
}

function changed(rule, by) {
  draft.rule = rule
  if (by === 'builder') code.show(rule)
  else if (rule !== null) readTree(rule)
  const lacks = lacksNow()
  result = rule === null || lacks.length > 0 ? { state: 'incomplete' } : result
  if (result.state === 'incomplete') {
    counter.stop()
    showCount()
    if (rule === null || lacks.length > 0) annotate()
  }
  if (rule !== null && lacks.length === 0) counter.count(rule)
  tell()
}

const lacksNow = () => draft.isTree && draft.rule !== null ? lacksOf(builder.root()) : []

/** Shows the rule in the builder, if it can. */
function readTree(rule) {
  try {
    builder.load(fromRule(rule))
    draft.isTree = true
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    draft.isTree = false
    unreadable.replaceChildren(noteOf('warning', `The builder cannot show this rule: ${error.path}: ${error.message} Edit it as JSON.`))
  }
  unreadable.hidden = draft.isTree
  byId('builder-body').hidden = !draft.isTree
}

function annotate() {
  const { faults = [], warnings = [], conditions = [], users } = result
  const left = draft.isTree ? builder.note({ faults, warnings, conditions, users, lacks: lacksNow() })
    : [...faults.map(each => ({ ...each, kind: 'fault' })), ...warnings.map(each => ({ ...each, kind: 'warning' }))]
  rest.replaceChildren(...left.map(({ kind, path, message, code: id }) => noteOf(kind, draft.isTree ? message : `${path}: ${message}`, id)))
}

function tell() {
  const complete = draft.rule !== null && lacksNow().length === 0
  setSubject(isChanged() ? null : draft.id, complete ? draft.rule : null)
  code.showCall(definition())
  for (const listener of listeners) listener()
}

name.addEventListener('input', tell)
byId('count-again').addEventListener('click', () => counter.again())
export const start = () => {
  builder.load(newGroup('all', [newCondition('user_property')]))
}
