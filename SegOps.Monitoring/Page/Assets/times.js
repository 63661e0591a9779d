import { el, setText } from './dom.js'
import { span } from './format.js'

const formats = {
  clock: new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  minute: new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }),
  dayMinute: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
  dayHour: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }),
  date: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }),
  day: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' }),
  full: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }),
}

/** Formats the user's local time, in one of the formats above. */
export const local = (at, format) => formats[format].format(new Date(at))

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
