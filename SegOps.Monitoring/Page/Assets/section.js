import { byId, el, setText } from './dom.js'
import { poll } from './poll.js'
import { signOut } from './session.js'
import { timeOf } from './times.js'

/**
 * A section of the page that shows one answer of the API and asks for it again and again. `render(answer)` gives `ready` or `empty`.
 */
export function section(id, { every = 10_000, load, render }) {
  const shown = frame(byId(id))
  const polling = poll(every, async signal => {
    try {
      const answer = await load(signal)
      if (!signal.aborted) shown.show(render(answer))
    } catch (error) {
      if (signal.aborted) return
      shown.fail(error)
      throw error
    }
  })

  return {
    root: shown.root,
    start: polling.start,
    /** Asks again because the question has changed: what is shown answers another one. */
    restart() {
      shown.wait()
      polling.start()
    },
  }
}

/**
 * The states of a section, in `data-state`: loading, ready, empty, error. Figures stay while there are any, also when newer ones cannot
 * be had: then `data-stale` marks them as old.
 */
export function frame(root) {
  const notice = el('div', { class: 'notice', hidden: true })
  const skeleton = el('div', { class: 'skeleton', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'))
  const age = el('p', { class: 'age', hidden: true })
  root.querySelector('.card-head').after(notice, skeleton)
  root.querySelector('.card-head > h2').after(age)
  let shownAt = null

  return {
    root,
    wait() {
      root.dataset.state = 'loading'
      root.setAttribute('aria-busy', 'true')
    },
    /** As before anything was shown: what was is the answer to another question. */
    reset() {
      delete root.dataset.figures
      delete root.dataset.stale
      notice.hidden = age.hidden = true
      shownAt = null
      this.wait()
    },
    show(state) {
      root.dataset.state = root.dataset.figures = state
      root.removeAttribute('aria-busy')
      delete root.dataset.stale
      notice.hidden = age.hidden = true
      shownAt = Date.now()
    },
    fail(error) {
      if (error.status === 401) return signOut(error.message)
      if (error.status === undefined) console.error(error) // A fault of this page's own, which no notice would explain.
      root.removeAttribute('aria-busy')
      if (shownAt !== null) {
        root.dataset.stale = ''
        age.replaceChildren('as of ', timeOf(shownAt, 'clock'))
        age.hidden = false
      }
      notice.hidden = error.isAway // Of an API that does not answer at all the banner tells, once for all sections.
      if (error.isAway) return
      root.dataset.state = 'error'
      notice.replaceChildren(...explain(error))
    },
  }
}

/** What an error says, and what support needs to find it. */
export function explain(error) {
  return [
    el('p', {}, el('span', { class: 'icon icon-alert', 'aria-hidden': 'true' }), el('span', {}, error.status === undefined ? 'The answer could not be shown.' : error.message)),
    error.traceId && el('p', { class: 'notice-trace' }, 'Trace ', el('code', {}, error.traceId)),
  ].filter(Boolean)
}

/** A number, with its exact value in `data-value`. */
export function setFigure(element, value, text) {
  element.dataset.value = value
  setText(element, text)
}
