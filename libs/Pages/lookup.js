import { byId, el, setText } from './dom.js'
import { poll } from './poll.js'
import { frame } from './section.js'

const known = new Map()

/** Creates an id as a button that looks it up in the section `name`. */
export const linkTo = (name, id, title) =>
  el('button', { class: 'link', type: 'button', title, onclick: () => known.get(name)(id) }, el('code', {}, el('bdi', {}, id)))

/**
 * Makes a section that shows what is known of an id: `{name}`, with `{name}-form`, its field `{name}-id`, and `{name}-fault` for
 * what is wrong with the id. `check(typed)` returns that, or ''. `load(typed, signal)` asks the API. `clear()` removes the
 * previous answer. `render(answer)` shows an answer, and returns true to ask again in a second. Returns `again()`, which asks again for the
 * shown id, `forget()`, which removes it, and `show(id)`.
 */
export function lookup(name, { check, load, clear, render }) {
  const [root, form, input, fault] = ['', '-form', '-id', '-fault'].map(part => byId(name + part))
  const shown = frame(root, fault)
  let asked = ''

  const looking = poll(1000, async signal => {
    try {
      const answer = await load(asked, signal)
      if (signal.aborted) return
      const looksAgain = render(answer)
      shown.show('ready')
      if (!looksAgain) looking.stop()
    } catch (error) {
      if (signal.aborted) return
      shown.fail(error)
      if (error.isFinal) return looking.stop()
      throw error
    }
  })

  function ask(typed) {
    const wrong = check(typed)
    setText(fault, wrong)
    input.setAttribute('aria-invalid', String(wrong !== ''))
    if (wrong) return input.focus()
    asked = typed
    clear()
    shown.reset()
    looking.start()
  }

  form.addEventListener('submit', event => {
    event.preventDefault()
    ask(input.value)
  })
  function show(id) {
    input.value = id
    root.scrollIntoView({ block: 'start' })
    input.focus({ preventScroll: true })
    ask(id) // not the field's value, which lacks line breaks
  }
  known.set(name, show)

  return {
    again() {
      if (asked !== '') looking.start()
    },
    forget() {
      asked = input.value = ''
      looking.stop()
      setText(fault, '')
      clear()
      shown.reset()
      root.dataset.state = 'idle'
      root.removeAttribute('aria-busy')
    },
    show,
  }
}
