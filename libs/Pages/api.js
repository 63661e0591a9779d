import * as connection from './connection.js'
import * as session from './session.js'

const patience = 15_000
let heldUntil = 0

/**
 * The reason for which a call failed. `faults` are those of the body, if it has several. `isAway`: there was no answer, or the gateway could not reach the service.
 * `endsSession`: the key cannot read. `isFinal`: the same call fails again.
 */
export class ApiError extends Error {
  constructor({ status = 0, problem = {}, retryAfter = 0 }) {
    super(problem.code === 'key_cannot_read' ? session.publishableKey : problem.detail || problem.title || 'The API could not be reached.')
    this.status = status
    this.code = problem.code
    this.traceId = problem.traceId
    this.faults = problem.errors ?? []
    this.retryAfter = retryAfter
    this.isAway = status === 0 || status === 502 || status === 504
    this.endsSession = status === 401 || problem.code === 'key_cannot_read'
    this.isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
  }
}

/**
 * Gets the JSON of `path`, which is relative to `/api/monitoring` unless it begins with `/api/`. `timeout` is in milliseconds,
 * 15 s by default.
 */
export async function get(path, query = {}, signal = undefined, parse = JSON.parse, timeout = patience) {
  const answer = await call(path, { query, signal, timeout })
  return parse(await reading(answer.text(), signal))
}

/** Sends `body` as JSON, if there is one, and returns the JSON of the answer; null if it has none. */
export async function send(method, path, { body, query, headers, signal, parse = JSON.parse } = {}) {
  const answer = await call(path, { method, query, signal, timeout: patience, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { ...headers, ...body === undefined ? {} : { 'Content-Type': 'application/json' } } })
  const text = await reading(answer.text(), signal)
  return text === '' ? null : parse(text)
}

/** Gets the body of an endless answer as a stream. */
export async function stream(path, query, signal) {
  return (await call(path, { query, signal })).body
}

/** Gets the whole answer of any media type as a file in memory. It may take any time. */
export async function download(path, query, accept, signal) {
  const answer = await call(path, { query, signal, headers: { Accept: accept } })
  return reading(answer.blob(), signal)
}

/** Milliseconds until the next call is allowed, if the limit of calls is reached. */
export const held = () => Math.max(0, heldUntil - Date.now())

/** Parses JSON. Numbers that JavaScript would round or reformat keep their text, if the browser supports it. */
export const parseExactly = text => JSON.parse(text, (_, value, context) =>
  typeof value === 'number' && context && JSON.rawJSON && String(value) !== context.source ? JSON.rawJSON(context.source) : value)

async function call(path, { method = 'GET', query = {}, headers, body, signal, timeout }) {
  const answer = await reading(fetch(address(path, query), {
    method, body,
    headers: { ...headers, Authorization: `ApiKey ${session.key()}` },
    cache: 'no-store', credentials: 'omit', redirect: 'error',
    signal: AbortSignal.any([signal, timeout && AbortSignal.timeout(timeout)].filter(Boolean)),
  }), signal)
  if (answer.ok) {
    connection.reached()
    return answer
  }
  const error = await errorOf(answer)
  if (error.isAway) connection.lost()
  else connection.reached()
  if (error.status === 429) heldUntil = Date.now() + (error.retryAfter || 10_000)
  throw error
}

function address(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  return `${path.startsWith('/api/') ? '' : '/api/monitoring'}${path}${given.length ? '?' : ''}${new URLSearchParams(given)}`
}

/** Converts network errors to ApiError. A call that the page cancelled throws an AbortError. */
async function reading(promise, signal) {
  try {
    return await promise
  } catch (error) {
    if (signal?.aborted) throw error
    connection.lost()
    throw new ApiError({})
  }
}

async function errorOf(answer) {
  const problem = await answer.json().catch(() => ({}))
  return new ApiError({
    status: answer.status,
    problem: { title: `The API answered ${answer.status}.`, ...problem },
    retryAfter: 1000 * (Number(answer.headers.get('Retry-After')) || 0),
  })
}
