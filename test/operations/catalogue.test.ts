import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

let pumps: PumpProject
let file: string

beforeAll(async () => {
  pumps = PumpProject.create()
  const hostile = 'description: "<img src=x onerror=alert(1)> & \\"quoted\\""'
  pumps.edit(
    'fti.config.yaml',
    '    owner: data-team\n',
    `    owner: data-team\n    ${hostile}\n    freshness: { warn: 2h, error: 6h }\n`,
  )
  await pumps.runFeatures('pump_readings', 'checks', 'check_outcomes', 'pump_register')
  await pumps.train()
  await runCommand(['registry', 'promote', 'failing_check@1'], { cwd: pumps.directory })
  const { exit, stdout } = await runCommand(['docs', 'build', '--output', 'site'], { cwd: pumps.directory })
  file = join(pumps.directory, 'site/index.html')
  expect([exit, stdout]).toEqual([0, `${file}: 4 feature groups, 1 model, 4 sources\n`])
}, 60_000)

test('the page is one file that asks for nothing from anywhere', () => {
  const page = readFileSync(file, 'utf8')
  expect(page).not.toMatch(/(src|href)="(?!#)/)
  expect(page).not.toMatch(/https?:|@import|url\(/)
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot;')
})

test('a group that was never run, and one that is damaged, are there with what is wrong', async () => {
  const fresh = PumpProject.create()
  await fresh.runFeatures('pump_register')
  const contract = join(fresh.directory, 'store/_contracts/pump_register/1.json')
  fresh.write('store/_contracts/pump_register/1.json', `${readFileSync(contract, 'utf8').slice(0, 40)}`)
  const { exit, stderr } = await runCommand(['docs', 'build'], { cwd: fresh.directory })
  expect(exit, stderr).toBe(0)
  const page = readFileSync(join(fresh.directory, 'catalogue/index.html'), 'utf8')
  expect(page).toContain('feature group &#39;pump_readings&#39; has no committed data')
  expect(page).toContain('a published contract cannot be used: it is not JSON')
})

describe('in a browser', () => {
  const program = process.env['FTI_CHROMIUM'] ?? '/usr/bin/chromium'
  // CI has it: see .ci/run.
  const isMissing = !existsSync(program) && process.env['CI'] === undefined
  if (isMissing) process.stderr.write(`catalogue: in part skipped, there is no ${program}\n`)
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    if (isMissing) return
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
    page = await browser.newPage()
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
    page.on('pageerror', (error) => void problems.push(error.message))
    page.on('request', (request) => void (request.url().startsWith('file:') || problems.push(request.url())))
    await page.goto(pathToFileURL(file).href)
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
  })

  test.skipIf(isMissing)(
    'it opens without an error, a request, or the script that somebody put into a description',
    async () => {
      expect(await page.title()).toBe('pumps: features and models')
      expect(await page.locator('section').count()).toBe(5)
      expect(await page.locator('img').count()).toBe(0)
      expect(await page.locator('#group-pump_readings svg.histogram rect').count()).toBeGreaterThan(20)
      expect(await page.locator('#group-pump_readings .badge').innerText()).toBe('fresh')
      expect(await page.locator('#group-pump_readings').innerText()).toContain('failing_check@1 (champion)')
      expect(await page.locator('#model-failing_check tbody tr', { hasText: 'champion' }).count()).toBe(1)
      expect(problems).toEqual([])
    },
  )

  test.skipIf(isMissing)('links lead from a model to its groups, and from a group to its sources', async () => {
    await page.locator('#model-failing_check a', { hasText: 'pump_register' }).first().click()
    expect(new URL(page.url()).hash).toBe('#group-pump_register')
    await page.locator('#group-pump_register a', { hasText: 'register' }).first().click()
    expect(await page.locator(new URL(page.url()).hash).count()).toBe(1)
    const dangling = await page.evaluate(
      `[...document.querySelectorAll('a')].filter((a) => !document.getElementById(a.hash.slice(1))).length`,
    )
    expect(dangling).toBe(0)
  })

  test.skipIf(isMissing)('the search leaves the entries that have every word', async () => {
    const shown = () => page.locator('section:visible').evaluateAll((found) => found.map(({ id }) => id))
    await page.fill('#search', 'data-team pressure')
    expect(await shown()).toEqual(['group-pump_readings'])
    expect(await page.locator('#found').innerText()).toBe('1 found')
    await page.fill('#search', '')
    expect(await shown()).toHaveLength(5)
  })
})
