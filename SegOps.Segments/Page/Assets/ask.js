import { byId, el } from './dom.js'

const dialog = byId('ask'), title = byId('ask-title'), text = byId('ask-text'), buttons = byId('ask-buttons')

/** Asks a question in a dialog. `answers` are `[value, words, kind]`; the first has the focus. Escape answers null. */
export function ask(question, detail, answers) {
  return new Promise(resolve => {
    let answer = null
    title.textContent = question
    text.replaceChildren(...[detail].flat())
    buttons.replaceChildren(...answers.map(([value, words, kind = '']) => el('button', { type: 'button', class: `button ${kind}`, 'data-answer': value, onclick: () => {
      answer = value
      dialog.close()
    } }, words)))
    dialog.addEventListener('close', () => resolve(answer), { once: true })
    dialog.showModal()
    buttons.firstElementChild.focus()
  })
}
