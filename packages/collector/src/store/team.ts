/** People, and the projects they own. */
export interface Team {
  id: number
  name: string
  memberIds: number[]
  projectIds: number[]
  createdAt: number
}

/** What is given takes the place of what was there. */
export interface TeamEdit {
  name?: string
  memberIds?: readonly number[]
  projectIds?: readonly number[]
}
