/** Express 4 under its alias, with the types of Express 5: what our tests touch is the same in both. */
declare module 'express4' {
  import express from 'express'
  export default express
}
