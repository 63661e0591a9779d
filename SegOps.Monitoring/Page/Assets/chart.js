import uPlot from './uPlot.esm.js'
import { el } from './dom.js'
import { compact } from './format.js'
import { tickLabel, ticks } from './times.js'

const tickHours = [1, 2, 3, 4, 6, 8, 12, 24, 48, 168]
const axisWidth = 46
const besidePointer = 14

/**
 * Accepted and rejected events as bars over one time axis, each on its own scale: few rejections would be invisible on a
 * common one. `describe(index)` returns the lines of the tooltip.
 */
export function createChart(host, describe) {
  const tip = el('div', { class: 'tip', hidden: true })
  let plots = [], shown = null

  function draw(data) {
    const isNew = shown === null || shown.bucket !== data.bucket
    shown = data
    if (isNew) return rebuild()
    plots.forEach((plot, index) => plot.setData(seriesOf(data, index)))
  }

  function rebuild() {
    plots.forEach(plot => plot.destroy())
    plots = []
    if (shown === null || host.clientWidth === 0) return
    const colour = name => getComputedStyle(document.body).getPropertyValue(name).trim()
    plots = [['--accepted', 168, false], ['--rejected', 92, true]].map(([name, height, hasTimes], index) =>
      new uPlot(options({ width: host.clientWidth, height, hasTimes, fill: colour(name), colour }), seriesOf(shown, index), host))
    host.append(tip)
  }

  const seriesOf = (data, index) => [data.times, index === 0 ? data.accepted : data.rejected]

  function options({ width, height, hasTimes, fill, colour }) {
    const axis = { stroke: colour('--muted'), font: '11px system-ui, sans-serif', ticks: { show: false } }
    return {
      width, height,
      padding: [8, 8, hasTimes ? 0 : 4, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: 'volume', setSeries: false } },
      scales: { x: { range: () => [shown.from, shown.to] }, y: { range: (_, __, max) => [0, nice(max)] } },
      axes: [
        { ...axis, show: hasTimes, gap: 8, space: 64, grid: { show: false }, incrs: tickHours.map(hours => hours * 3600),
          splits: (_, __, from, to, step) => ticks(from * 1000, to * 1000, step * 1000).map(at => at / 1000), values: (_, splits) => splits.map(timeLabel),
          size: (_, labels) => labels?.some(label => label.includes('\n')) ? 46 : 30 },
        { ...axis, size: axisWidth, gap: 6, space: 36, incrs: [1, 2, 5, 10, 20, 50, 1e2, 2e2, 5e2, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8],
          grid: { stroke: colour('--line'), width: 1 }, values: (_, splits) => splits.map(compact) },
      ],
      series: [{}, { fill, stroke: fill, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.72, 40], radius: 0.12 }) }],
      hooks: { setCursor: [showTip] },
    }
  }

  /** None at the right end, where the edge would clip it. */
  const timeLabel = seconds => seconds > shown.to - (shown.to - shown.from) / 24 ? '' : tickLabel(seconds * 1000)

  function showTip(plot) {
    const { idx } = plot.cursor
    if (plot !== plots[0]) return
    tip.hidden = plot.cursor.left < 0 || idx === null || idx === undefined
    if (tip.hidden) return
    tip.replaceChildren(...describe(idx))
    const centre = axisWidth + plot.valToPos(shown.times[idx], 'x')
    const right = centre + besidePointer
    const left = Math.max(0, centre - besidePointer - tip.offsetWidth)
    tip.style.transform = `translate(${right + tip.offsetWidth <= host.clientWidth ? right : left}px, 0)`
  }

  new ResizeObserver(() => {
    if (plots.length === 0) rebuild()
    else if (plots[0].width !== host.clientWidth && host.clientWidth > 0) plots.forEach(plot => plot.setSize({ width: host.clientWidth, height: plot.height }))
  }).observe(host)
  document.addEventListener('themechange', rebuild)

  return { draw }
}

/** The maximum of a scale: slightly above the highest bar, and at least 4, so that ticks are whole events. */
const nice = max => Math.max(4, max * 1.05)
