import { maskKey } from './format.js'

// sessionStorage and nothing longer-lived: the key is gone with the tab.
const keyEntry = 'segops.key'
const reasonEntry = 'segops.signed_out_because'
let isLeaving = false

export const key = () => sessionStorage.getItem(keyEntry)
export const signIn = value => sessionStorage.setItem(keyEntry, value)
export const forget = () => sessionStorage.removeItem(keyEntry)
export const maskedKey = () => maskKey(key())
export const environment = () => key().startsWith('sk_test_') ? 'test' : 'live'

/** Forgets the key and all that it showed: loading the page anew empties memory and document alike. */
export function signOut(reason) {
  if (isLeaving) return // The first reason is the true one: what is asked without a key fails for want of it.
  isLeaving = true
  forget()
  if (reason) sessionStorage.setItem(reasonEntry, reason)
  location.replace('/')
}

/** Why the session ended, once. */
export function takeReason() {
  const reason = sessionStorage.getItem(reasonEntry)
  sessionStorage.removeItem(reasonEntry)
  return reason
}
