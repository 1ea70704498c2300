import vm from 'node:vm'
import t from 'tap'
import { type ParsedFrame, parseStack } from '../src/event/parse-stack.js'
import { rootOf, stackFrame } from '../src/event/stack-frame.js'

async function thrownBy(action: () => unknown): Promise<Error> {
  try {
    await action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

const functionsOf = (error: Error) => parseStack(error.stack as string, error.message).map((f) => f.function)

t.test('a line of a stack is read, whatever kind of frame it is', async (t) => {
  const lines: [line: string, frame: string | undefined][] = [
    ['load (/app/src/x.js:1:2)', 'load | /app/src/x.js | 1 | 2'],
    ['/app/src/x.js:1:2', ' | /app/src/x.js | 1 | 2'],
    ['/app/src/x.js:1', ' | /app/src/x.js | 1 | '],
    ['async load (/x.js:1:2)', 'load | /x.js | 1 | 2'],
    ['async /x.js:1:2', ' | /x.js | 1 | 2'],
    ['async Promise.all (index 0)', 'Promise.all |  |  | '],
    ['new Promise (<anonymous>)', 'new Promise |  |  | '],
    ['new Order (/x.js:1:2)', 'new Order | /x.js | 1 | 2'],
    ['Object.a [as b] (/x.js:1:2)', 'Object.a | /x.js | 1 | 2'],
    ['get g [as g] (/x.js:1:2)', 'get g | /x.js | 1 | 2'],
    ['Object.<anonymous> (/x.js:1:2)', 'Object.<anonymous> | /x.js | 1 | 2'],
    ['<anonymous> (/x.js:1:2)', ' | /x.js | 1 | 2'],
    ['Array.map (<anonymous>)', 'Array.map |  |  | '],
    ['String.replace (native)', 'String.replace |  |  | '],
    ['<anonymous>', ' |  |  | '],
    ['load (node:internal/modules/loader:1038:27)', 'load | node:internal/modules/loader | 1038 | 27'],
    ['load (file:///a%20b%20(c).mjs?v=1:1:2)', 'load | /a b (c).mjs | 1 | 2'],
    ['file:///50%/x.mjs:1:2', ' | /50%/x.mjs | 1 | 2'],
    ['load (file:///C:/app/x.js:1:2)', 'load | C:/app/x.js | 1 | 2'],
    ['load (file://host/share/x.js:1:2)', 'load | //host/share/x.js | 1 | 2'],
    ['load (C:\\app (x86)\\x.js:1:2)', 'load | C:\\app (x86)\\x.js | 1 | 2'],
    ['load (/a b/(c) d (1).js:1:2)', 'load | /a b/(c) d (1).js | 1 | 2'],
    ['load (/a) b.js:1:2)', 'load | /a) b.js | 1 | 2'],
    ['load (/a( b.js:1:2)', 'load | /a( b.js | 1 | 2'],
    ['odd name (x) (/x.js:1:2)', 'odd name (x) | /x.js | 1 | 2'],
    ['f (eval at g (/x.js:5:10), <anonymous>:1:21)', 'f | /x.js | 5 | 10'],
    ['f (eval at f (eval at g (/x (1).js:5:1), <anonymous>:1:2), <anonymous>:3:4)', 'f | /x (1).js | 5 | 1'],
    ['eval at g (/x.js:5:10), <anonymous>:1:21', ' | /x.js | 5 | 10'],
    ['f (eval at g (<anonymous>), <anonymous>:1:21)', 'f |  |  | '],
    ['evalmachine.<anonymous>:1:2', ' | evalmachine.<anonymous> | 1 | 2'],
    ['q (my file (1).vm:1:21)', 'q | my file (1).vm | 1 | 21'],
    ['wasm://wasm/0145fffe:wasm-function[7]:0x1e', 'wasm-function[7] | wasm://wasm/0145fffe |  | '],
    ['add (wasm://wasm/0145fffe:wasm-function[7]:0x1e)', 'add | wasm://wasm/0145fffe |  | '],
    ['f (webpack://shop/./src/x.ts:1:2)', 'f | webpack://shop/./src/x.ts | 1 | 2'],
    ['f (data:text/javascript,export%20let:1:2)', 'f | <data:text/javascript> | 1 | 2'],
    ['the office', undefined],
    ['f (/x.js:1…', undefined],
    ['', undefined],
    [':1:2', undefined],
  ]
  const shown = (f: ParsedFrame) => [f.function, f.file, f.line, f.column].join(' | ')
  for (const [line, frame] of lines) {
    t.strictSame(parseStack(`Error: x\n    at ${line}`).map(shown), frame === undefined ? [] : [frame], line)
  }
  const mapped = 'Error: x\r\n    at f (/dist/x.js:1:2)\r\n        -> /src/x.ts:3:4\r\n    at /y.js:5:6'
  t.strictSame(parseStack(mapped).map(shown), ['f | /src/x.ts | 3 | 4', ' | /y.js | 5 | 6'], 'of older Node')
})

t.test('the header is no frame, whatever the message says', async (t) => {
  const frames = '\n    at real (/x.js:1:2)\n    at /y.js:3:4'
  const real = ['real', undefined]
  for (const message of [
    '',
    'one',
    'two\nlines',
    'a\n    at fake (/f.js:1:2)',
    'a\n    at fake (/f.js:1:2)\nend',
  ]) {
    const names = parseStack(`Error: ${message}${frames}`, message).map((frame) => frame.function)
    t.strictSame(names, real, JSON.stringify(message))
  }
  const names = (stack: string, message?: string) => parseStack(stack, message).map((frame) => frame.function)
  t.strictSame(
    names(`Error: a\n  at fake (/f.js:1:2)\nend${frames}`),
    real,
    'without the message: the last block',
  )
  t.strictSame(names(`Error: old${frames}`, 'new'), real, 'the message was changed after the throw')
  t.strictSame(names(`Error: old${frames}\n`, 'new'), real)
  t.strictSame(names(`Error: old${frames}\nand more`, 'new'), real, 'something was added behind the frames')
  const caused = `Error: a${frames}\nCaused by: Error: b\n    at other (/z.js:1:2)`
  t.strictSame(names(caused, 'a'), real, "a cause's frames are not this error's")
  t.strictSame(
    names(`my.vm:1\n1 +* 2\n   ^\n\nSyntaxError: a${frames}`, 'a'),
    real,
    'a syntax error shows its line',
  )
  t.strictSame(names('Error: a', 'a'), [])
  t.strictSame(names('', ''), [])
})

t.test('hostile text takes no more time than other text of its length', async (t) => {
  const nested = '\n    at a (eval at b ('
  const parts =
    '\n| |(|)| (|at |\n at |\nat (|:1|:1:1|-> |\n-> x:1:1|%|\u2028|\\|/node_modules/|, <anonymous>)'
  for (const part of [...parts.split('|'), nested, nested.trim()]) {
    const text = part.repeat(1_000_000 / part.length)
    for (const stack of [text, `E: x\n    at ${text}`, `E: x\n    at ${text})`, `    at f (${text}:1:2)`]) {
      const before = performance.now()
      for (const frame of parseStack(stack, 'x')) stackFrame(frame, rootOf('/app'))
      const ms = Math.round(performance.now() - before)
      t.ok(ms < 5000, `${encodeURI(part)}: ${ms} ms`)
    }
  }
})

t.test('the stacks that Node really writes are read', async (t) => {
  class Order {
    #secret() {
      throw new Error('private')
    }
    pay() {
      this.#secret()
    }
    static of(): Order {
      throw new Error('static')
    }
    get total(): number {
      throw new Error('getter')
    }
    async load() {
      await null
      throw new Error('async\n    at fake (/fake.js:1:2)')
    }
  }
  class Broken {
    constructor() {
      throw new Error('constructor')
    }
  }
  const first = async (action: () => unknown) => functionsOf(await thrownBy(action)).slice(0, 2)
  t.match(await first(() => new Order().pay()), [/#secret$/, 'Order.pay'])
  t.strictSame(await first(() => new Broken()), ['new Broken', undefined])
  t.match(await first(() => Order.of()), [/\.of$/])
  t.match(await first(() => new Order().total), [/get total/])
  t.equal((await first(() => Promise.all([new Order().load()])))[0], 'Order.load')
  t.strictSame(
    await first(() =>
      [1].map(() => {
        throw new Error('callback')
      }),
    ),
    [undefined, 'Array.map'],
  )
  t.strictSame(await first(() => JSON.parse('{')), ['JSON.parse', undefined])

  const evaluated = await thrownBy(() =>
    vm.runInThisContext('eval("(function f() { throw new Error(1) })()")', 'my (1).vm'),
  )
  t.match(parseStack(evaluated.stack as string, evaluated.message), [
    { function: 'f', file: 'my (1).vm', line: 1, column: 1 },
    { function: 'eval', file: 'my (1).vm' },
    { file: 'my (1).vm', line: 1, column: 1 },
  ])
  const syntax = await thrownBy(() => vm.runInThisContext('1 +* 2', 'syntax.vm'))
  t.equal(parseStack(syntax.stack as string, syntax.message)[0]?.file, 'node:vm')
  const wasm = '0061736d0100000001040160000003020100070501016600000a05010300000b'
  const instance = vm.runInThisContext('(wasm) => new WebAssembly.Instance(new WebAssembly.Module(wasm))')
  const trap = await thrownBy(() => instance(Buffer.from(wasm, 'hex')).exports.f())
  t.match(parseStack(trap.stack as string, trap.message)[0], { function: 'wasm-function[0]', file: /^wasm:/ })
})

t.test('a frame names its package, and its file from the application’s folder', async (t) => {
  const frame = (file: string | undefined, root = '/app') =>
    stackFrame(file === undefined ? {} : { file }, rootOf(root))
  t.strictSame(frame('/app/src/x.js'), { file: 'src/x.js', inApp: true })
  t.strictSame(frame('/app/src/x.js', '/app/'), { file: 'src/x.js', inApp: true })
  t.strictSame(frame('/app/src/x.js', '/'), { file: 'app/src/x.js', inApp: true })
  t.strictSame(frame('/application/x.js'), { file: '/application/x.js', inApp: true })
  t.strictSame(frame('/app/a\\b.js'), { file: 'a\\b.js', inApp: true })
  t.strictSame(frame('c:\\app\\src\\x.js', 'C:\\app'), { file: 'src/x.js', inApp: true })
  t.strictSame(frame('C:/app/src/x.js', 'C:\\app'), { file: 'src/x.js', inApp: true })
  t.strictSame(frame('node:fs'), { file: 'node:fs', inApp: false })
  t.strictSame(frame('[eval]-wrapper'), { file: '[eval]-wrapper', inApp: false })
  t.strictSame(frame(undefined), { inApp: false })
  t.strictSame(frame('/app/node_modules/got/x.js'), {
    file: 'node_modules/got/x.js',
    module: 'got',
    inApp: false,
  })
  t.match(frame('/app/node_modules/@a/b/lib/x.js'), { module: '@a/b', inApp: false })
  t.match(frame('C:\\app\\node_modules\\@a\\b\\x.js', 'C:\\app'), {
    file: 'node_modules/@a/b/x.js',
    module: '@a/b',
  })
  const store = '/repo/node_modules/.pnpm/@a+b@1.0.0_c@2.0.0/node_modules/@a/b/x.js'
  t.strictSame(frame(store), { file: store, module: '@a/b', inApp: false })
  t.match(stackFrame({ function: 'f', line: 1, column: 2 }, '/'), { function: 'f', line: 1, column: 2 })
})
