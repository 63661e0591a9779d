// Creates elements and sets texts. Nothing on this page parses HTML, so that no string of the API can become markup.

export const byId = id => document.getElementById(id)

/** Creates an element with attributes (`on...` are listeners) and children. Strings become text nodes. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.filter(child => child !== undefined && child !== null && child !== false))
  return element
}

/** Creates a list of names and values. Names without a value are left out. */
export const definitions = (pairs, attributes = {}) => el('dl', attributes,
  ...pairs.filter(([, value]) => value).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))))

/** Sets a text only if it has changed, to keep selections and not to trigger screen readers. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Announces a text to screen readers, after the current announcement. */
export function announce(text) {
  byId('announcer').textContent = text
}

const updates = new WeakMap()

/**
 * Shows the items in the list in their order. Elements of existing items are kept, with their focus and open details.
 * `create` returns `{ element, update(item) }`.
 */
export function renderList(list, items, keyOf, create) {
  const present = new Map(Array.from(list.children, child => [child.dataset.key, child]))
  let next = list.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    let row = present.get(key)
    if (!row) {
      const made = create(item)
      row = made.element
      row.dataset.key = key
      updates.set(row, made.update)
    }
    present.delete(key)
    updates.get(row)(item)
    if (row === next) next = next.nextElementSibling
    else list.insertBefore(row, next)
  }
  for (const row of present.values()) row.remove()
}
