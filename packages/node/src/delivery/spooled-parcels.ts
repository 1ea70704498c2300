import type { Parcel } from './parcel.js'

/** A parcel on disk. */
export interface SpooledParcel extends Omit<Parcel, 'body'> {
  readonly fileName: string
  readonly bytes: number
}

/** What lies on disk, oldest first. It may be a day's errors: the usual ways, to the end and from the beginning, are short. */
export class SpooledParcels {
  /** Sorted by the file's name, and so by age. */
  #parcels: SpooledParcel[] = []
  /** Those before it have gone: to move a hundred thousand for each that goes would take minutes. */
  #first = 0
  #bytes = 0

  get isEmpty(): boolean {
    return this.#first === this.#parcels.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The oldest that is wanted. */
  find(isWanted: (parcel: SpooledParcel) => boolean): SpooledParcel | undefined {
    for (let place = this.#first; place < this.#parcels.length; place++) {
      const parcel = this.#parcels[place] as SpooledParcel
      if (isWanted(parcel)) return parcel
    }
    return undefined
  }

  add(parcel: SpooledParcel): void {
    this.#parcels.splice(this.#placeOf(parcel.fileName), 0, parcel)
    this.#bytes += parcel.bytes
  }

  remove({ fileName }: SpooledParcel): void {
    const place = this.#placeOf(fileName)
    const parcel = this.#parcels[place]
    if (parcel?.fileName !== fileName) return
    this.#bytes -= parcel.bytes
    this.#parcels.copyWithin(this.#first + 1, this.#first, place)
    this.#first++
    if (this.#first * 2 < this.#parcels.length) return
    this.#parcels = this.#parcels.slice(this.#first)
    this.#first = 0
  }

  /** Where it is, or would have to be. */
  #placeOf(fileName: string): number {
    let [from, to] = [this.#first, this.#parcels.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#parcels[middle] as SpooledParcel).fileName < fileName) from = middle + 1
      else to = middle
    }
    return from
  }
}
