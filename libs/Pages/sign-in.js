import { byId, setText } from './dom.js'
import * as session from './session.js'
import { timeZone } from './times.js'

const form = byId('sign-in'), input = byId('api-key'), submit = byId('sign-in-submit')

/** Asks for an API key, unless this tab has one. `check()` calls the API with it and throws if it fails. `show()` shows the page of the project. */
export function signIn(check, show) {
  setText(byId('time-zone'), timeZone() === 'UTC' ? 'Times are in UTC.' : `Times are in ${timeZone()}; hover over one for UTC.`)
  byId('sign-out').addEventListener('click', () => session.signOut())
  form.addEventListener('submit', event => {
    event.preventDefault()
    trySignIn(check, show)
  })
  input.addEventListener('input', () => warn(session.isPublishable(keyIn(input.value)) ? session.publishableKey : ''))
  if (session.key()) showProject(show)
  else askForKey(session.takeReason())
}

function askForKey(reason) {
  form.hidden = false
  setText(byId('sign-in-error'), reason ?? '')
  input.focus()
}

/** Checks a key with the API, and shows its error for an invalid key. */
async function trySignIn(check, show) {
  const typed = keyIn(input.value)
  const fault = faultOf(typed)
  if (fault) return refuse(fault)
  submit.disabled = true
  setText(submit, 'Signing in…')
  session.signIn(typed)
  try {
    await check()
    input.value = ''
    form.hidden = true
    showProject(show)
    byId('main').focus()
  } catch (error) {
    session.forget()
    refuse(error.message)
  } finally {
    submit.disabled = false
    setText(submit, 'Sign in')
  }
}

/** The key in a text that can be a whole header. */
const keyIn = text => text.trim().replace(/^(Authorization:\s*)?(ApiKey|Bearer)\s+/i, '')

function faultOf(typed) {
  if (typed === '') return 'Paste an API key of your project.'
  if (session.isPublishable(typed)) return session.publishableKey
  return /^[\x21-\x7e]+$/.test(typed) ? '' : 'A key is made of letters, digits and underscores.'
}

function warn(message) {
  setText(byId('sign-in-error'), message)
  input.setAttribute('aria-invalid', String(message !== ''))
}

function refuse(message) {
  warn(message)
  input.select()
  input.focus()
}

function showProject(show) {
  const environment = session.environment()
  byId('environment').dataset.environment = environment
  setText(byId('environment'), environment === 'test' ? 'Test' : 'Live')
  setText(byId('masked-key'), session.maskedKey())
  for (const id of ['identity', 'sign-out']) byId(id).hidden = false
  show()
}
