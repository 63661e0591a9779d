import { get } from './api.js'
import { byId } from './dom.js'
import { eventTypes } from './event-types.js'
import * as firstRun from './first-run.js'
import { freshness, health } from './health.js'
import { errors, warnings } from './issues.js'
import { ledger } from './ledger.js'
import * as live from './live.js'
import './receipt.js'
import { signIn } from './sign-in.js'
import { usage } from './usage.js'
import './user-profile.js'
import { users } from './users.js'
import { volume } from './volume.js'

const ofTheProject = [ledger, volume, users, usage, eventTypes]
let areFiguresShown = false

signIn(() => get('/health'), showDashboard)

function showDashboard() {
  byId('dashboard').hidden = false
  for (const section of [health, freshness, errors, warnings]) section.start()
  firstRun.begin(showFigures)
}

function showFigures() {
  if (areFiguresShown) return
  areFiguresShown = true
  for (const section of ofTheProject) section.start()
  live.start()
}
