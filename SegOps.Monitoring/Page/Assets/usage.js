import { get } from './api.js'
import { byId, el, setText } from './dom.js'
import { count } from './format.js'
import { section } from './section.js'
import { timeOf } from './times.js'

const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

export const usage = section('usage', {
  load: signal => get('/usage', {}, signal),
  render({ plan, calls, events }) {
    setText(byId('usage-plan'), plan)
    byId('usage-body').replaceChildren(
      ...(events ? eventsOf(events) : [el('p', { class: 'note' }, 'Events of test keys do not count against the plan, and are kept for 7 days.')]),
      ...meter('Calls this minute', calls))
    return 'ready'
  },
})

function eventsOf(events) {
  const { forecast, limit, used, resets_at: resetsAt } = events
  const isUsedUp = limit !== undefined && used >= limit
  return [
    ...meter(`Events in ${monthName.format(new Date(`${events.month}-01T00:00:00Z`))}`, events, forecast?.runs_out_at !== undefined),
    isUsedUp ? warning('Used up: events are refused until ', timeOf(resetsAt, 'dayMinute'), '.')
      : forecast?.runs_out_at ? warning(`At ${count(Math.round(forecast.events_per_day))} a day the plan runs out on `, timeOf(forecast.runs_out_at, 'dayMinute'), '.')
        : forecast ? el('p', { class: 'note' }, `At ${count(Math.round(forecast.events_per_day))} a day about ${count(forecast.end_of_month)} by `, timeOf(resetsAt, 'date'), '.')
          : el('p', { class: 'note' }, 'Resets on ', timeOf(resetsAt, 'date'), '.'),
  ]
}

const warning = (...content) => el('p', { class: 'note warn' }, el('span', { class: 'icon icon-alert', 'aria-hidden': 'true' }), el('span', {}, ...content))

/** A labelled bar of the used part of a limit. */
function meter(label, { used, limit }, isShort = false) {
  const isUnlimited = limit === undefined || limit === null
  const share = isUnlimited ? 0 : Math.min(1, used / Math.max(1, limit))
  const fill = el('span', { class: 'meter-fill' })
  fill.style.width = `${100 * share}%`
  const level = share >= 1 ? 'full' : share >= 0.8 || isShort ? 'high' : 'fine'
  const text = isUnlimited ? `${count(used)}, no limit` : `${count(used)} of ${count(limit)}`
  return [
    el('p', { class: 'meter-label' }, el('span', {}, label), el('span', { class: 'meter-value', 'data-value': used }, text)),
    isUnlimited ? '' : el('div', { class: 'meter', 'data-level': level, role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': limit, 'aria-valuenow': Math.min(used, limit), 'aria-valuetext': text }, fill),
  ]
}
