import { userInfo } from 'node:os'

/** Who is acting, for journals and contracts: the account's name, or its number where it has none (in a container). */
export function actor(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
