import { fileStart } from './file-start.js'

/** Docker, containerd, CRI-O, Podman: 64 digits; AWS Fargate: a task and a number. */
const ID = /[\da-f]{64}|[\da-f]{32}-\d{6,20}/

/**
 * The id of the container that the process runs in, if it does.
 * @param proc The folder of the process in the proc file system.
 */
export function containerId(proc = '/proc/self'): string | undefined {
  return fromControlGroup(fileStart(`${proc}/cgroup`)) ?? fromMounts(fileStart(`${proc}/mountinfo`, 262_144))
}

/** `12:cpu:/docker/<id>`, `0::/system.slice/docker-<id>.scope`, `…/cri-containerd:<id>`: the id is in the last part. */
function fromControlGroup(text = ''): string | undefined {
  for (const line of text.split('\n')) {
    const id = ID.exec(line.slice(line.lastIndexOf('/') + 1))
    if (id) return id[0]
  }
  return undefined
}

/** With version 2 of control groups the container sees `0::/`, but its `/etc/hostname` comes from a folder with its id. */
function fromMounts(text = ''): string | undefined {
  for (const line of text.split('\n')) {
    const id = line.includes('/hostname ') ? ID.exec(line) : null
    if (id) return id[0]
  }
  return undefined
}
