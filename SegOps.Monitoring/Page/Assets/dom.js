// Elements are made and texts are set. Nothing on this page parses HTML, so that no string of the API can become markup.

export const byId = id => document.getElementById(id)

/** An element with attributes (`onclick` and the like are listeners) and children, strings among them becoming text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.filter(child => child !== undefined && child !== null && child !== false))
  return element
}

/** Sets a text only when it is another one, so that selections and screen readers are left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Lets a screen reader say it, once what it says now is said. */
export function announce(text) {
  byId('announcer').textContent = text
}

const updates = new WeakMap()

/**
 * Makes the list show the items in their order and keeps the elements of those that were there, so that focus and open details stay.
 * `create` gives `{ element, update(item) }`.
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
