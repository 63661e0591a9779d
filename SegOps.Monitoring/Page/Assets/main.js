import { get } from './api.js'
import { byId, setText } from './dom.js'
import { eventTypes } from './event-types.js'
import * as firstRun from './first-run.js'
import { freshness, health } from './health.js'
import { errors, warnings } from './issues.js'
import { ledger } from './ledger.js'
import * as live from './live.js'
import './receipt.js'
import * as session from './session.js'
import { timeZone } from './times.js'
import { usage } from './usage.js'
import './user-profile.js'
import { users } from './users.js'
import { volume } from './volume.js'

const form = byId('sign-in'), input = byId('api-key'), submit = byId('sign-in-submit')
const ofTheProject = [ledger, volume, users, usage, eventTypes]
let areFiguresShown = false

setText(byId('time-zone'), timeZone() === 'UTC' ? 'Times are in UTC.' : `Times are in ${timeZone()}; hover over one for UTC.`)
byId('sign-out').addEventListener('click', () => session.signOut())
form.addEventListener('submit', trySignIn)
input.addEventListener('input', () => warn(session.isPublishable(keyIn(input.value)) ? session.publishableKey : ''))
if (session.key()) showDashboard()
else askForKey(session.takeReason())

function askForKey(reason) {
  form.hidden = false
  setText(byId('sign-in-error'), reason ?? '')
  input.focus()
}

/** Checks a key with the API, and shows its error for an invalid key. */
async function trySignIn(event) {
  event.preventDefault()
  const typed = keyIn(input.value)
  const fault = faultOf(typed)
  if (fault) return refuse(fault)
  submit.disabled = true
  setText(submit, 'Signing in…')
  session.signIn(typed)
  try {
    await get('/health')
    input.value = ''
    form.hidden = true
    showDashboard()
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

function showDashboard() {
  const environment = session.environment()
  byId('environment').dataset.environment = environment
  setText(byId('environment'), environment === 'test' ? 'Test' : 'Live')
  setText(byId('masked-key'), session.maskedKey())
  for (const id of ['identity', 'sign-out', 'dashboard']) byId(id).hidden = false
  for (const section of [health, freshness, errors, warnings]) section.start()
  firstRun.begin(showFigures)
}

function showFigures() {
  if (areFiguresShown) return
  areFiguresShown = true
  for (const section of ofTheProject) section.start()
  live.start()
}
