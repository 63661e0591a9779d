import { el, setText } from './dom.js'
import { span } from './format.js'

const formats = {
  clock: new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  minute: new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }),
  dayMinute: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
  date: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }),
  day: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' }),
  full: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }),
}

const withoutTimeOfDay = ['date', 'day']
const quarter = 900_000, hour = 3_600_000

/**
 * Formats the user's local time, in one of the formats above. On a day on which the clocks change, a time of day has its
 * offset from UTC, because the same time can occur twice. All times of the page are formatted here.
 */
export function local(at, format) {
  const date = new Date(at)
  const text = formats[format].format(date)
  return withoutTimeOfDay.includes(format) || !clocksChangeOn(date) ? text : `${text} ${offsetOf(date)}`
}

/**
 * Returns the times to label on an axis between two times: the starts of the days, and between them full hours that are
 * multiples of `step` on the clock. All times are in milliseconds. An offset can be a multiple of 15 minutes.
 */
export function ticks(from, to, step) {
  const found = []
  for (let at = Math.ceil(from / quarter) * quarter; at <= to; at += quarter) {
    const date = new Date(at)
    const isOnStep = startOfDay(date) === at || step <= 12 * hour && date.getMinutes() === 0 && date.getHours() % (step / hour) === 0
    // Around a change of the clocks, and with steps of several days, some are too close to the one before.
    if (isOnStep && (found.length === 0 || at - found.at(-1) >= 0.6 * step)) found.push(at)
  }
  return found
}

/** The label of a tick: a day at its start, otherwise a time, with an offset on a line of its own. */
export const tickLabel = at => startOfDay(new Date(at)) === at ? local(at, 'day') : local(at, 'minute').replace(' ', '\n')

/** The first moment of the local day, which is not midnight where the clocks change at midnight. */
const startOfDay = (date, days = 0) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()

const clocksChangeOn = date => offsetBefore(startOfDay(date)) !== offsetBefore(startOfDay(date, 1))
const offsetBefore = at => new Date(at - 1).getTimezoneOffset()

function offsetOf(date) {
  const minutes = Math.abs(date.getTimezoneOffset())
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map(part => String(part).padStart(2, '0'))
  return `${date.getTimezoneOffset() > 0 ? '-' : '+'}${hours}:${rest}`
}

export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Creates a `<time>` in the user's zone, with UTC on hover. The format `ago` updates itself. */
export function timeOf(at, format) {
  const element = el('time')
  setTime(element, at, format)
  return element
}

export function setTime(element, at, format) {
  const iso = new Date(at).toISOString()
  element.dateTime = iso
  element.title = `${iso.slice(0, 19).replace('T', ' ')} UTC`
  if (format === 'ago') element.dataset.ago = ''
  setText(element, format === 'ago' ? ago(at) : local(at, format))
}

function ago(at) {
  const seconds = (Date.now() - new Date(at)) / 1000
  return seconds < 1 ? 'just now' : `${span(seconds)} ago`
}

setInterval(() => {
  if (document.hidden) return
  for (const element of document.querySelectorAll('time[data-ago]')) setText(element, ago(element.dateTime))
}, 1000)
