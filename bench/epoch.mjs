// Seconds per epoch: the network of the flights template on its real training dataset, batch 512.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'

export const name = 'epoch'

const here = join(import.meta.dirname, 'epoch')
const node = (file, ...args) => runChild(process.execPath, [join(here, file), ...args.map(String)])
const floor = 'matrix products alone'
/** An epoch of ours beside one of scikit-learn's MLPClassifier. */
const most = 4

export async function run({ peers, small, python, note, flights }) {
  const { folder, dataset, version } = await flights()
  const matrix = mkdtempSync(join(tmpdir(), 'fti-bench-epoch-'))
  const epochs = small ? 2 : 4
  try {
    note('fti')
    const fti = (...leaveIn) => node('fti.mjs', folder, dataset, version, epochs, ...leaveIn)
    const ours = await fti(...(peers ? [matrix] : []))
    const { rows, width, layers, batchSize } = ours
    note(floor)
    const products = await node('products.mjs', rows, batchSize, width, ...layers, 1)
    const text = `${rows.toLocaleString('en-US')} rows x ${width} columns, ${ours.backend}, with the loss on validation`
    const measured = [...measures(floor, products), ...measures('fti', ours, { than: floor, text })]
    if (!peers) return measured
    const [fastest, ...others] = await scikitLearn({ dataset, python, note, small, ours })
    const theirs = await keras({ matrix, python, note, epochs, ours })
    note('fti again, now that the machine may be quieter or busier')
    const again = await fti()
    const best = { wallS: Math.min(ours.wallS, again.wallS), cpuS: Math.min(ours.cpuS, again.cpuS) }
    return [
      ...measured,
      ...measures('fti, the best of before and after', best, { than: fastest.what, atMost: most }),
      ...[fastest, ...others].flatMap((run) => measures(run.what, run)),
      ...measures('Keras', theirs, { than: 'fti, the best of before and after' }),
    ]
  } finally {
    rmSync(matrix, { recursive: true, force: true })
  }
}

/** On all cores and on one, which a busy machine rewards: the faster first. */
async function scikitLearn({ dataset, python, note, small, ours }) {
  const script = join(import.meta.dirname, 'flights-sklearn.py')
  const shape = ['--batch', ours.batchSize, '--layers', ...ours.layers, '--epochs', small ? 1 : 3]
  const found = []
  for (const [what, threads] of [
    ['scikit-learn', []],
    ['scikit-learn, one thread', ['--threads', 1]],
  ]) {
    note(what)
    const args = [script, dataset, ...shape, ...threads, '--skip-logistic', '--json'].map(String)
    const theirs = await runChild(python, args)
    mustBeSameMatrix(ours, { rows: theirs.rows.train, width: theirs.width, squares: theirs.squares })
    const least = (key) => Math.min(...theirs.mlp.history.map((epoch) => epoch[key]))
    found.push({ what, wallS: least('seconds'), cpuS: least('cpuSeconds') })
  }
  return found.sort((a, b) => a.wallS - b.wallS)
}

/** Scikit-learn makes its matrix itself, from the same dataset; columns may be in another order. */
function mustBeSameMatrix(ours, theirs) {
  const near = Math.abs(theirs.squares - ours.squares) < 1e-4 * ours.squares
  if (near && theirs.rows === ours.rows && theirs.width === ours.width) return
  const text = ({ rows, width, squares }) => `${rows} x ${width}, squares ${squares}`
  throw new Error(`scikit-learn has another matrix: ${text(theirs)}; fti ${text(ours)}`)
}

async function keras({ matrix, python, note, epochs, ours }) {
  note('Keras')
  const { width, batchSize, dropout, layers } = ours
  const args = [join(here, 'keras_epoch.py'), matrix, width, batchSize, dropout, epochs, ...layers]
  return runChild(python, args.map(String))
}

function measures(what, { wallS, cpuS }, { than, atMost, text } = {}) {
  return [
    {
      what,
      value: wallS,
      unit: 's',
      ...(than && { ratioTo: than }),
      ...(atMost && { atMost }),
      ...(text && { note: text }),
    },
    { what: `${what}, CPU`, value: cpuS, unit: 's', ...(than && { ratioTo: `${than}, CPU` }) },
  ]
}
