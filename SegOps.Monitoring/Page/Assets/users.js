import { get } from './api.js'
import { byId, setText } from './dom.js'
import { count } from './format.js'
import { section, setFigure } from './section.js'
import { currentWindow, onWindowChange } from './window.js'

const spans = { '24h': 'in the last 24 hours', '7d': 'in the last 7 days' }

export const users = section('users', {
  load: signal => get('/users', { window: currentWindow() }, signal),
  render(answer) {
    setFigure(byId('users-count'), answer.users, count(answer.users))
    setText(byId('users-note'), `with at least one event ${spans[answer.window] ?? ''}`)
    return answer.users > 0 ? 'ready' : 'empty'
  },
})

onWindowChange(users.restart)
