import { SegOpsClient } from '@segops/sdk';

const segops = new SegOpsClient({
  apiUrl: 'https://api.segops.ai',
  apiKey: process.env.SEGOPS_API_KEY!,
});

// Track a single event (queued, sent in batches)
segops.track({
  userId: 'user-123',
  eventType: 'order_placed',
  payload: {
    order_id: 'ord-456',
    total: 89.95,
    currency: 'USD',
  },
});

segops.identify({
  userId: 'user-123',
  traits: {
    email: '[email protected]',
    plan: 'starter',
    company: 'Acme Corp',
    country: 'US',
  },
});
