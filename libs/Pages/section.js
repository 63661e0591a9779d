import { byId, el, setText } from './dom.js'
import { poll } from './poll.js'
import { signOut } from './session.js'
import { timeOf } from './times.js'

/**
 * A section of the page that shows an answer of the API and refreshes it. `render(answer)` returns `ready` or `empty`.
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
    /** Reloads after a change of the query. The shown answer is outdated. */
    restart() {
      shown.wait()
      polling.start()
    },
  }
}

/**
 * The states of a section, in `data-state`: loading, ready, empty, error. Figures stay visible if newer ones cannot
 * be loaded; then `data-stale` marks them as old. Errors are shown after the element `head`.
 */
export function frame(root, head = root.querySelector('.card-head')) {
  const notice = el('div', { class: 'notice', hidden: true })
  const skeleton = el('div', { class: 'skeleton', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'))
  const age = el('p', { class: 'age', hidden: true })
  head.after(notice, skeleton)
  root.querySelector('.card-head > h2').after(age)
  let shownAt = null

  return {
    root,
    wait() {
      root.dataset.state = 'loading'
      root.setAttribute('aria-busy', 'true')
    },
    /** Resets the section after a change of the query. */
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
      if (error.endsSession) return signOut(error.message)
      if (error.status === undefined) console.error(error) // an error of this page, which no notice explains
      root.removeAttribute('aria-busy')
      if (shownAt !== null) {
        root.dataset.stale = ''
        age.replaceChildren('as of ', timeOf(shownAt, 'clock'))
        age.hidden = false
      }
      notice.hidden = error.isAway // the banner reports an unavailable API for all sections
      if (error.isAway) return
      root.dataset.state = 'error'
      notice.replaceChildren(...explain(error))
    },
  }
}

/** An error message with its trace id for support. */
export function explain(error) {
  return [
    el('p', {}, el('span', { class: 'icon icon-alert', 'aria-hidden': 'true' }), el('span', {}, error.status === undefined ? 'The answer could not be shown.' : error.message)),
    error.traceId && el('p', { class: 'notice-trace' }, 'Trace ', el('code', {}, error.traceId)),
  ].filter(Boolean)
}

/** A number with its exact value in `data-value`. */
export function setFigure(element, value, text) {
  element.dataset.value = value
  setText(element, text)
}
