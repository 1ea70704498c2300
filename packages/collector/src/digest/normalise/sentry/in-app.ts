import type { StackFrame } from '@faultline/protocol'

/** Folders of what others have written, on any platform. */
const LIBRARY_FILE =
  /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|gems|rubygems|bower_components|\.cargo|\.m2)[\\/]|[\\/]pkg[\\/]mod[\\/]|[\\/]go[\\/]src[\\/]|[\\/]rustc[\\/]|(?:^|[\\/])vendor[\\/]|[\\/]lib[\\/](?:python|ruby)[\d.]*[\\/]|^[\\/]?usr[\\/]lib[\\/]|^(?:node:|internal[\\/]|<frozen |<internal:|\[internal|\[native|(?:chrome|moz|safari(?:-web)?)-extension:)/
const LIBRARY_MODULE =
  /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|android|androidx|com\.android|dalvik|org\.springframework|org\.apache|org\.hibernate|org\.eclipse|io\.netty|reactor|System|Microsoft|std|core|alloc)(?:[.:]|$)/
/** The folders of Go's standard library have no host in their names: `net/http`. */
const GO_LIBRARY_MODULE = /^(?!main(?:\.|$))[a-z\d]+(?:\/[a-z\d]+)*$/

/**
 * Whether a frame is the service's own code, for a client that does not say so.
 * @param place `path`: the whole path of the file, where the frame has a part of it
 */
export function isInApp(frame: StackFrame, place: { platform: string; path?: string | undefined }): boolean {
  const { file, module } = frame
  if (file === undefined && module === undefined) return frame.function !== undefined
  if (isLibraryFile(file) || isLibraryFile(place.path)) return false
  if (module === undefined) return true
  const pattern = place.platform === 'go' ? GO_LIBRARY_MODULE : LIBRARY_MODULE
  return !pattern.test(module.slice(0, 200))
}

function isLibraryFile(file: string | undefined): boolean {
  return file !== undefined && LIBRARY_FILE.test(file.slice(0, 1000))
}
