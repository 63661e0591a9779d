const whole = new Intl.NumberFormat('en-GB')
const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 })
const percents = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 })
const wholePercents = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 0 })

export const count = value => whole.format(value)
export const compact = value => short.format(value)

/** Formats 0.034 as 3.4%. A positive value is never shown as 0%. */
export function percent(share) {
  if (share > 0 && share < 0.001) return '<0.1%'
  return (share >= 0.1 ? wholePercents : percents).format(share)
}

/** Formats a regular plural: `plural(2, 'event')`. */
export const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** Formats milliseconds: 8.3 ms, 420 ms, 1.24 s, 3 min. */
export function duration(ms) {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  return span(ms / 1000)
}

/** Formats seconds in the largest suitable unit: 45 s, 12 min, 3 h, 5 d. */
export function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** Masks a key. The prefix identifies it, but cannot be used. */
export const maskKey = key => `${key.slice(0, 12)}…`
