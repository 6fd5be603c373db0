import { transformKinds, valueTypes } from '../../contract/index.ts'
import type { ConfigPath } from './config-path.ts'

/** Key names whose value is a secret in every tool that people come from. */
const secretKey =
  /^(?:.*[_-])?(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie)$/i
const camelSecretKey = /(?:Password|Secret|Token|ApiKey|AccessKey|PrivateKey|SecretKey|Credentials?)$/

const urlPassword = /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"]*):([^\s@/'"]+)@/gi
const urlParameter =
  /([?&](?:password|passwd|pwd|secret|token|sig|signature|api_?key|access_?key|x-amz-signature)=)([^\s&'"]+)/gi
const wellKnown =
  /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|AIza[0-9A-Za-z_-]{35})|-----BEGIN [A-Z ]*PRIVATE KEY-----/g
/** `key: value`, in a block or between braces. */
const pair = /((?:^|[\s,{])["']?([\w-]+)["']?\s*:\s*)("[^"]*"|'[^']*'|[^\s,{}[\]#][^,}#]*)/g
const onlyEnvironment = /^(?:\$\{env:[A-Za-z_][A-Za-z0-9_]*\})+$/

/** True when a key of this name would hold a secret. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key) || camelSecretKey.test(key)
}

/** True where only a secret can stand, so that a value without `${env:NAME}` is one in plain text. */
export function isSecretPlace(path: ConfigPath): boolean {
  const [section, , key, header] = path
  return section === 'sources' && (key === 'password' || (key === 'headers' && isSecretKey(String(header))))
}

/** What kind of secret a value holds in plain text, or undefined. `${env:NAME}` in its place is fine. */
export function secretIn(text: string): string | undefined {
  for (const [, , password = ''] of text.matchAll(urlPassword)) {
    if (!onlyEnvironment.test(password)) return 'a password in a URL'
  }
  for (const [, , value = ''] of text.matchAll(urlParameter)) {
    if (!onlyEnvironment.test(value)) return 'a secret in the parameters of a URL'
  }
  return text.search(wellKnown) >= 0 ? 'an access key or token' : undefined
}

/** A line without its secrets, so that an error about one does not spread it. Each becomes as many stars, so columns stay. */
export function maskSecrets(line: string): string {
  const stars = (secret: string) => (onlyEnvironment.test(secret) ? secret : '*'.repeat(secret.length))
  return line
    .replace(urlPassword, (_whole, head: string, secret: string) => `${head}:${stars(secret)}@`)
    .replace(urlParameter, (_whole, head: string, secret: string) => head + stars(secret))
    .replace(wellKnown, stars)
    .replace(
      pair,
      (_whole, head: string, key: string, value: string) =>
        head + (isSecretKey(key) && !isTypeWord(value) ? stars(value) : value),
    )
}

/** `token: string` declares a column of that name; it is no secret. */
function isTypeWord(value: string): boolean {
  const words: readonly string[] = [...valueTypes, ...transformKinds]
  return words.includes(value.trim())
}
