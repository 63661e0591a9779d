/** Rules to begin with. Their event types and properties are to be replaced by the project's own. */
export const examples = [
  ['Inactive for a week', { all: [
    { type: 'event', event_type: 'session_started', count: { at_least: 1 } },
    { not: { type: 'event', event_type: 'session_started', count: { at_least: 1 }, within: 'P7D' } }] }],
  ['Three orders in 30 days', { all: [
    { type: 'event', event_type: 'order_placed', count: { at_least: 3 }, within: 'P30D', where: { all: [{ payload: 'total', operator: 'greater_than', value: 50 }] } }] }],
  ['Left a cart', { all: [
    { type: 'sequence', first: { event_type: 'cart_created' }, then: { event_type: 'order_placed' }, gap: 'P1D', happens: false, within: 'P30D' }] }],
  ['Free plan, not from a test address', { all: [
    { type: 'user_property', property: 'plan', operator: 'in', value: ['free', 'starter'] },
    { not: { type: 'user_property', property: 'email', operator: 'ends_with', value: '@example.com', ignore_case: true } }] }],
]
