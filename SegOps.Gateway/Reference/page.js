// Features of Scalar that call other hosts, store the caller's key or advertise are off.
Scalar.createApiReference('#reference', {
  url: '/openapi/v1.json',
  withDefaultFonts: false,
  telemetry: false,
  persistAuth: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  customCss: 'a[href*="scalar.com"] { display: none }',
  authentication: { preferredSecurityScheme: 'ApiKey', securitySchemes: { ApiKey: { value: 'ApiKey sk_live_...' } } },
  // Users paste only the key.
  onRequestBuilt: ({ request }) => {
    const key = request.headers.get('Authorization')
    if (/^[sp]k_/.test(key ?? '')) request.headers.set('Authorization', 'ApiKey ' + key)
  },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  defaultOpenAllTags: true,
  orderRequiredPropertiesFirst: false,
  orderSchemaPropertiesBy: 'preserve',
})
