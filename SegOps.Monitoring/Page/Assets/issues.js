import { get } from './api.js'
import { el, renderList, setText } from './dom.js'
import { count } from './format.js'
import { explain, section } from './section.js'
import { setTime } from './times.js'
import { currentWindow, onWindowChange } from './window.js'

const page = 20

export const errors = issues('errors', 'icon-down')
export const warnings = issues('warnings', 'icon-degraded')

/** Groups of equal errors, each with a hint. Further pages stay visible while the first one is refreshed. */
function issues(name, icon) {
  let groups = new Map(), cursor, isExtended = false
  const load = (signal, from) => get(`/${name}`, { window: currentWindow(), limit: page, cursor: from }, signal)

  const self = section(name, {
    load,
    render(answer) {
      if (!isExtended) [groups, cursor] = [new Map(), answer.next_cursor]
      add(answer)
      return groups.size > 0 ? 'ready' : 'empty'
    },
  })
  const list = self.root.querySelector('.groups'), more = self.root.querySelector('.more')
  const failure = el('div', { class: 'more-failure', role: 'alert' })
  more.before(failure)

  function add(answer) {
    for (const group of answer.groups) groups.set(keyOf(group), group)
    const newestFirst = [...groups.values()].sort((a, b) => Date.parse(b.last_seen) - Date.parse(a.last_seen))
    renderList(list, newestFirst, keyOf, group => createGroup(group, icon))
    more.hidden = !cursor
  }

  more.addEventListener('click', async () => {
    more.disabled = true
    const asked = currentWindow()
    try {
      const answer = await load(undefined, cursor)
      if (asked !== currentWindow()) return
      isExtended = true
      cursor = answer.next_cursor
      add(answer)
      failure.replaceChildren()
    } catch (error) {
      failure.replaceChildren(...explain(error))
    } finally {
      more.disabled = false
    }
  })

  onWindowChange(() => {
    isExtended = false
    self.restart()
  })
  return self
}

const keyOf = group => JSON.stringify([group.code, group.field])

function createGroup({ code, field }, icon) {
  const [number, last, first] = [el('span', { class: 'group-count' }), el('time'), el('time')]
  const [message, fix, sample] = [el('p', { class: 'group-message' }), el('span'), el('pre', { tabindex: '0', 'aria-label': 'Sample' })]
  const details = el('details', {}, el('summary', {}, 'Sample'), el('p', { class: 'note' }, 'One event at fault; its values are masked.'), sample)
  const element = el('li', { class: 'group', 'data-code': code, 'data-field': field },
    el('div', { class: 'group-head' },
      el('h3', {}, el('span', { class: `icon ${icon}`, 'aria-hidden': 'true' }), el('code', {}, code), field && el('span', { class: 'muted' }, ' in ', el('code', {}, field))), number),
    message,
    el('p', { class: 'group-fix' }, el('b', {}, 'Fix '), fix),
    el('div', { class: 'group-foot' }, el('p', { class: 'note' }, 'Last ', last, ', first ', first), details))
  return {
    element,
    update(group) {
      number.dataset.value = group.count
      setText(number, `${count(group.count)}×`)
      setTime(last, group.last_seen, 'ago')
      setTime(first, group.first_seen, 'dayMinute')
      setText(message, group.message ?? '')
      message.hidden = !group.message
      setText(fix, group.fix ?? '')
      fix.parentElement.hidden = !group.fix
      details.hidden = group.sample === undefined
      setText(sample, pretty(group.sample))
    },
  }
}

const pretty = sample => sample === undefined ? '' : typeof sample === 'string' ? sample : JSON.stringify(sample, null, 2)
