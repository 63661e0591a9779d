import { maskKey } from './format.js'

// sessionStorage, so that the key is deleted with the tab.
const keyEntry = 'segops.key'
const reasonEntry = 'segops.signed_out_because'
let isLeaving = false

/** The reason for which a publishable key cannot sign in. */
export const publishableKey = 'This is a publishable key. It can only send events. Sign in with a secret key, which begins with sk_live_ or sk_test_.'
export const isPublishable = text => /^pk_/i.test(text)

export const key = () => sessionStorage.getItem(keyEntry)
export const signIn = value => sessionStorage.setItem(keyEntry, value)
export const forget = () => sessionStorage.removeItem(keyEntry)
export const maskedKey = () => maskKey(key())
export const environment = () => key().startsWith('sk_test_') ? 'test' : 'live'

/** Removes the key and reloads the page, which clears its memory and document. */
export function signOut(reason) {
  if (isLeaving) return // the first reason is the real one: later calls fail because the key is gone
  isLeaving = true
  forget()
  if (reason) sessionStorage.setItem(reasonEntry, reason)
  location.replace(location.pathname)
}

/** Returns the reason for the end of the session, once. */
export function takeReason() {
  const reason = sessionStorage.getItem(reasonEntry)
  sessionStorage.removeItem(reasonEntry)
  return reason
}
