import * as connection from './connection.js'
import * as session from './session.js'

const patience = 15_000
let heldUntil = 0

/** Why a call failed. `isAway`: nobody answered, or only the gateway did, for want of the service behind it. */
export class ApiError extends Error {
  constructor({ status = 0, problem = {}, retryAfter = 0 }) {
    super(problem.detail || problem.title || 'The API could not be reached.')
    this.status = status
    this.code = problem.code
    this.traceId = problem.traceId
    this.retryAfter = retryAfter
    this.isAway = status === 0 || status === 502 || status === 504
  }
}

/** The JSON that `path` answers with; unless it begins with `/api/` it lies below `/api/monitoring`. */
export async function get(path, query = {}, signal = undefined, parse = JSON.parse) {
  const answer = await call(path, query, signal, patience)
  return parse(await reading(answer.text(), signal))
}

/** The body of an answer without an end, for reading as it comes. */
export async function stream(path, query, signal) {
  return (await call(path, query, signal)).body
}

/** Milliseconds for which nothing may be asked, because the calls of this minute are used up. */
export const held = () => Math.max(0, heldUntil - Date.now())

/** Reads JSON so that numbers which JavaScript would round or respell are shown as they were sent, where the browser can. */
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

/** What the network refuses is an ApiError too; what we gave up ourselves stays an AbortError. */
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
