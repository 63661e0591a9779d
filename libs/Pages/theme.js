// Not a module, so that it runs before the first paint. A dark theme would otherwise flash white.
(() => {
  const stored = 'segops.theme'
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const ofSystem = () => dark.matches ? 'dark' : 'light'

  function chosen() {
    try { return localStorage.getItem(stored) } catch { return null }
  }

  function remember(theme) {
    try {
      // A choice that equals the system's theme follows the system again.
      if (theme === ofSystem()) localStorage.removeItem(stored)
      else localStorage.setItem(stored, theme)
    } catch { /* Storage is off: the choice lasts as long as the page. */ }
  }

  function show(theme) {
    document.body.dataset.theme = theme
    document.getElementById('theme-toggle')?.setAttribute('aria-pressed', String(theme === 'dark'))
    document.dispatchEvent(new Event('themechange'))
  }

  show(chosen() ?? ofSystem())
  dark.addEventListener('change', () => show(chosen() ?? ofSystem()))
  addEventListener('DOMContentLoaded', () => {
    show(document.body.dataset.theme)
    document.getElementById('theme-toggle').addEventListener('click', () => {
      const theme = document.body.dataset.theme === 'dark' ? 'light' : 'dark'
      remember(theme)
      show(theme)
    })
  })
})()
