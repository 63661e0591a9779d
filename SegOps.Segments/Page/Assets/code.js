import { announce, byId, setText } from './dom.js'

const views = byId('views'), json = byId('rule-json'), fault = byId('json-fault'), curl = byId('curl'), copy = byId('curl-copy')

/**
 * The rule as JSON, which can be edited, and as a call with curl. `typed(rule)` is called after each change of the JSON that can be parsed, and
 * `broken()` after one that cannot.
 */
export function createCode({ typed, broken }) {
  json.addEventListener('input', () => {
    let rule
    try {
      rule = JSON.parse(json.value)
    } catch (error) {
      say(`This is not JSON: ${error.message}`)
      return broken()
    }
    say('')
    typed(rule)
  })

  return {
    /** Shows another rule, unless its JSON is just being typed. */
    show(rule) {
      if (document.activeElement !== json) {
        json.value = JSON.stringify(rule, null, 2)
        say('')
      }
    },
    showCall: definition => setText(curl, commandOf(definition)),
    /** Shows a view: `builder`, `json` or `curl`. */
    view,
  }
}

function say(message) {
  setText(fault, message)
  json.setAttribute('aria-invalid', String(message !== ''))
}

function view(name) {
  byId(`view-${name}`).checked = true
  for (const each of ['builder', 'json', 'curl']) byId(`panel-${each}`).hidden = each !== name
}

/** Creating a segment, or changing it from the version that was read. */
function commandOf({ id, version, name, rule }) {
  const body = JSON.stringify({ name, rule }).replaceAll("'", "'\\''")
  const call = id === null ? `curl -X POST ${location.origin}/api/segments/` : `curl -X PUT ${location.origin}/api/segments/${id}`
  return [
    `${call} \\`,
    '  -H "Authorization: ApiKey $SEGOPS_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    ...id === null ? [] : [`  -H 'If-Match: "${version}"' \\`],
    `  -d '${body}'`,
  ].join('\n')
}

views.addEventListener('change', event => view(event.target.value))

copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(curl.textContent)
    setText(copy, 'Copied')
    announce('Copied.')
  } catch {
    // The clipboard requires https. Without it, select the text.
    getSelection().selectAllChildren(curl)
    setText(copy, 'Press Ctrl+C')
  }
  setTimeout(() => setText(copy, 'Copy'), 2000)
})
