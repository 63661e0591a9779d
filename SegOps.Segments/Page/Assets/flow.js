import { el } from './dom.js'
import { count } from './format.js'
import { local } from './times.js'

const names = 'http://www.w3.org/2000/svg'
const minute = 60_000, bars = 30, width = 600, half = 44, gap = 4

/** Draws who entered (up) and exited (down) in each of the last 30 minutes. The list beside it says the same in words. */
export function drawFlow(host, changes, now) {
  const last = Math.floor(now / minute)
  const buckets = Array.from({ length: bars }, (_, index) => ({ at: (last - bars + 1 + index) * minute, entered: 0, exited: 0 }))
  for (const { change, at } of changes) {
    const bucket = buckets[Math.floor(Date.parse(at) / minute) - last + bars - 1]
    if (bucket) bucket[change]++
  }
  const highest = Math.max(1, ...buckets.flatMap(({ entered, exited }) => [entered, exited]))
  const step = width / bars
  const rect = (kind, index, value, title) => {
    const height = value === 0 ? 0 : Math.max(2, half * value / highest)
    const bar = svg('rect', { class: `flow-${kind}`, x: index * step + gap / 2, width: step - gap, y: kind === 'entered' ? half - height : half + 1, height, rx: 2 })
    bar.append(Object.assign(svg('title', {}), { textContent: title }))
    return bar
  }
  const sums = ['entered', 'exited'].map(kind => buckets.reduce((sum, bucket) => sum + bucket[kind], 0))
  const chart = svg('svg', { viewBox: `0 0 ${width} ${2 * half + 1}`, role: 'img', preserveAspectRatio: 'none', 'aria-label': `In the last ${bars} minutes ${count(sums[0])} entered and ${count(sums[1])} exited.` })
  chart.append(svg('line', { class: 'flow-axis', x1: 0, x2: width, y1: half + 0.5, y2: half + 0.5 }),
    ...buckets.flatMap((bucket, index) => ['entered', 'exited'].map(kind => rect(kind, index, bucket[kind], `${local(bucket.at, 'minute')}: ${count(bucket.entered)} entered, ${count(bucket.exited)} exited`))))
  host.replaceChildren(chart, el('p', { class: 'flow-scale', 'aria-hidden': 'true' }, el('span', {}, `${bars} min ago`), el('span', {}, 'now')))
}

function svg(tag, attributes) {
  const element = document.createElementNS(names, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}
