import { get, held, send } from './api.js'
import { onReturn } from './connection.js'
import { canonical, expand, figuresOf, partsOf, recombine } from './rule.js'

const path = '/api/segments/preview'
/** Milliseconds without a change after which a rule is counted. */
const pause = 350

/**
 * Counts the users whom a rule matches. At most one call is in flight; a change cancels it. If only the groups of the conditions changed, the
 * count is computed here, from the bit patterns of the last answer. `show(result)` gets `{ state }`: `counting`, with what is known of the
 * conditions, `counted` with the figures and `by` (`service` or `browser`), `faulty` with `faults`, or `failed` with `error` and, if known, `cost`.
 * `ruleOf(id)` is the rule of a segment.
 */
export function createCounter(ruleOf, show) {
  const expandRule = rule => expand(rule, ruleOf)
  let previous = null, wanted = null, timer, ending = null, inFlight = Promise.resolve(), isFailing = false

  function count(rule) {
    const isAsked = ending !== null && wanted !== null && canonical(wanted) === canonical(rule)
    if (isAsked) return
    stop()
    wanted = rule
    const full = expandRule(rule)
    if (previous !== null && canonical(previous.rule) === canonical(full)) return counted(rule, 'service', previous.answer)
    const figures = previous && recombine(previous, full)
    if (figures) return counted(rule, 'browser', { ...figures, as_of: previous.answer.as_of })
    ask(pause)
  }

  function counted(rule, by, figures) {
    show({ ...figures, state: 'counted', by, conditions: [...figures.conditions, ...partsOf(previous, rule, expandRule)] })
  }

  const known = rule => previous === null ? {} : figuresOf(previous, expandRule(rule))

  function ask(delay) {
    const mine = ending = new AbortController()
    isFailing = false
    show({ ...known(wanted), state: 'counting' })
    timer = setTimeout(() => run(wanted, mine), Math.max(delay, held()))
  }

  async function run(rule, mine) {
    await inFlight
    if (mine.signal.aborted) return
    const full = expandRule(rule)
    const call = send('POST', path, { body: { rule }, signal: mine.signal })
    inFlight = call.then(() => {}, () => {})
    try {
      const answer = await call
      if (mine.signal.aborted) return
      ending = null
      previous = { rule: full, answer }
      counted(rule, 'service', answer)
    } catch (error) {
      if (!mine.signal.aborted) await failed(rule, error, mine)
    }
  }

  async function failed(rule, error, mine) {
    if (error.status === 429) return ask(error.retryAfter || 1000)
    ending = null
    if (error.faults?.length > 0) return show({ ...known(rule), state: 'faulty', faults: error.faults })
    isFailing = !error.isFinal
    show({ state: 'failed', error })
    if (error.code !== 'warehouse_unavailable') return
    const cost = await send('POST', path, { body: { rule }, query: { cost: 'only' }, signal: mine.signal }).then(answer => answer.cost, () => undefined)
    if (cost && wanted === rule) show({ state: 'failed', error, cost })
  }

  function stop() {
    clearTimeout(timer)
    ending?.abort()
    ending = wanted = null
    isFailing = false
  }

  onReturn(() => {
    if (isFailing && wanted !== null && ending === null) ask(0)
  })

  return {
    count,
    stop,
    /** Counts the rule in the service, for its samples, cost and time. */
    again() {
      if (wanted === null) return
      ending?.abort()
      clearTimeout(timer)
      ask(0)
    },
    forget() {
      stop()
      previous = null
    },
  }
}

/** The names of the project's event types, for suggestions. None if they cannot be read. */
export const eventTypes = () => get('/event-types', { window: '7d', limit: 100 }).then(answer => answer.event_types.map(type => type.event_type), () => [])

/** The names of the users' properties, for suggestions. None if they cannot be read. */
export const properties = () => get('/api/segments/properties').then(answer => answer.properties, () => [])
