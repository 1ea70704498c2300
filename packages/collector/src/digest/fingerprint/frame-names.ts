/** `https://cdn.example/assets/index-BxQ3kZ1a.js?v=3` → `index.js`, `C:\app\orders.js` → `orders.js` */
export function fileName(file: string): string {
  const path = file.replace(/[?#].*$/s, '')
  const base = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const dot = base.lastIndexOf('.')
  const [name, extension] = dot > 0 ? [base.slice(0, dot), base.slice(dot)] : [base, '']
  const stable = isBuildHash(name) ? '' : name.replace(/[.~-]([\w-]{8}|[\da-f]{6,64})(?=$|\.)/gi, withoutHash)
  return (stable === '' ? '*' : stable) + extension
}

function withoutHash(part: string, hash: string): string {
  return isBuildHash(hash) ? '' : part
}

// Vite and esbuild write 8 of base64 or base32, webpack 6 to 64 of hex. A word has neither a digit nor a capital inside.
function isBuildHash(text: string): boolean {
  if (/^(?=[a-f]*\d)[\da-f]{6,64}$/i.test(text)) return true
  return text.length === 8 && /\d|[^-_][A-Z]/.test(text) && !/^[A-Z]?[a-z]+(?:[A-Z][a-z]+)+$/.test(text)
}

/** Without what a compiler or a proxy has made up: lambdas, generated subclasses, a package's version. */
export function moduleName(module: string): string {
  return module
    .replace(/\$\$(?:Lambda|EnhancerBy|FastClassBy|SpringCGLIB|ByteBuddy).*$|\/0x[\da-f]+$/s, '')
    .replace(/(\$Proxy|GeneratedMethodAccessor|GeneratedConstructorAccessor)\d+/, '$1')
    .replace(/(?<=.)@\d[\w.+-]*/, '')
}

const TOP_LEVEL =
  /^(?:<[^<>]*>|\?|\(?anonymous(?: function)?\)?|(?:global|module|eval|Global|Eval) code|__webpack_require__)?$/

/**
 * What a function is called in every engine and every version of an SDK: `async OrderService.find [as run]`, Firefox's `async*find`
 * and Ruby's `OrderService#find` are `find`. Empty for one without a name, and for code outside of functions.
 */
export function functionName(name: string): string {
  const bare = name
    .slice(0, 300)
    .replace(/ \[as [^\]]*\]$/, '')
    .replace(/^(?:[\w. ]{1,40}\*)+/, '') // Firefox: `setTimeout handler*find`
    .replace(/^(?:(?:async|new|get|set|static|bound|block(?: \(\d+ levels\))? in|rescue in|ensure in) )+/, '')
    .replace(/\(.*\)$/s, '')
    .replace(/(?:\.func\d+(?:\.\d+)*)+$/, '') // Go
  if (bare.endsWith('<')) return '' // Firefox: an anonymous function in `find` is `find/<`
  if (/^lambda\$/.test(bare)) return bare.replace(/^lambda\$(\w+)\$\d+$/, '$1')
  const last = bare.split(/[.#/]|::/).at(-1) ?? ''
  return TOP_LEVEL.test(last) ? '' : last
}
