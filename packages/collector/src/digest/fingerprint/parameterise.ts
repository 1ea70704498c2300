/** What is read of a text: enough to tell one error from another. */
const READ_LENGTH = 1000

// In this order. Each is linear: it starts only where a run starts, or is bounded.
const PARAMETERS: readonly (readonly [pattern: RegExp, parameter: string])[] = [
  [/=\s{0,4}(?:"[^"\n]*"|'[^'\n]*')/g, '=<value>'],
  [/(?<![a-z\d+.-])[a-z][a-z\d+.-]{1,20}:\/\/[^\s"'<>()]+/gi, '<url>'],
  [/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}/g, '<email>'],
  [/(?<!\w)[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?!\w)/gi, '<uuid>'],
  [
    /(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}/g,
    '<date>',
  ],
  [/(?<!\d)\d{4}[-/]\d\d[-/]\d\d(?!\d)/g, '<date>'],
  [
    /(?<=<date>[T ]?|(?<!\d))\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|GMT|UTC)|[+-]\d\d:?\d\d)?(?![\w:])/g,
    '<date>',
  ],
  [/<date>[T ]?<date>/g, '<date>'],
  [/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w.]\d)/g, '<ip>'],
  [/(?<![\w:])\[?(?=[\da-f:]{0,20}\d)[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}\]?(?![\w:])/gi, '<ip>'],
  [/(?<!\w)(?:[\da-f]{64}|[\da-f]{40})(?!\w)/gi, '<sha>'],
  [/(?<!\w)(?:0x[\da-f]{1,64}|(?=[a-f]{0,64}\d)[\da-f]{7,64})(?!\w)/gi, '<hex>'],
  [
    /(?<![\w.])\d{1,20}(?:\.\d{1,20})? ?(?:[nµm]?s|sec(?:ond)?s?|min(?:ute)?s?|h(?:ours?)?|days?)(?!\w)/g,
    '<duration>',
  ],
  // `ord_8fk2Lq9`, `A1B2C3D4`
  [/(?<!\w)(?=[^\W\d]{0,64}\d)\w{8,}/g, '<id>'],
  [/(?<![\d.])[-+]?\d+(?:[.,]\d+)*/g, '<number>'],
]

/** A message without what differs from one time to the next: `order 12345 of ann@shop.example` is `order <number> of <email>`. */
export function parameterise(text: string): string {
  return PARAMETERS.reduce(
    (result, [pattern, parameter]) => result.replace(pattern, parameter),
    text.slice(0, READ_LENGTH),
  )
}
