/**
 * Reads server-sent events from a response's body, because EventSource cannot send the key. Yields `{ type, data }`, and for comments
 * `{ type: 'comment' }`, which show that the connection is alive.
 */
export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = '', type = '', data = []
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return // an event without an empty line is incomplete
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop()
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { type: type || 'message', data: data.join('\n') }
          type = ''
          data = []
        } else if (line.startsWith(':')) yield { type: 'comment' }
        else {
          const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line)
          if (name === 'event') type = text
          else if (name === 'data') data.push(text)
        }
      }
    }
  } finally {
    reader.cancel().catch(() => { /* It is closed already. */ })
  }
}
