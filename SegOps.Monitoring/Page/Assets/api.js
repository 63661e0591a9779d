import * as connection from './connection.js'
import * as session from './session.js'

const patience = 15_000
let heldUntil = 0

/**
 * The reason for which a call failed. `isAway`: there was no answer, or the gateway could not reach the service.
 * `endsSession`: the key cannot read. `isFinal`: the same call fails again.
 */
export class ApiError extends Error {
  constructor({ status = 0, problem = {}, retryAfter = 0 }) {
    super(problem.code === 'key_cannot_read' ? session.publishableKey : problem.detail || problem.title || 'The API could not be reached.')
    this.status = status
    this.code = problem.code
    this.traceId = problem.traceId
    this.retryAfter = retryAfter
    this.isAway = status === 0 || status === 502 || status === 504
    this.endsSession = status === 401 || problem.code === 'key_cannot_read'
    this.isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
  }
}

/** Gets the JSON of `path`, which is relative to `/api/monitoring` unless it begins with `/api/`. */
export async function get(path, query = {}, signal = undefined, parse = JSON.parse) {
  const answer = await call(path, query, signal, patience)
  return parse(await reading(answer.text(), signal))
}

/** Gets the body of an endless answer as a stream. */
export async function stream(path, query, signal) {
  return (await call(path, query, signal)).body
}

/** Milliseconds until the next call is allowed, if the limit of calls is reached. */
export const held = () => Math.max(0, heldUntil - Date.now())

/** Parses JSON. Numbers that JavaScript would round or reformat keep their text, if the browser supports it. */
export const parseExactly = text => JSON.parse(text, (_, value, context) =>
  typeof value === 'number' && context && JSON.rawJSON && String(value) !== context.source ? JSON.rawJSON(context.source) : value)

async function call(path, query, signal, timeout) {
  const answer = await reading(fetch(address(path, query), {
    headers: { Authorization: `ApiKey ${session.key()}` },
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
