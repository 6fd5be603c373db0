/**
 * Text from outside, safe to print. Names come from files, registries and callers: an escape sequence
 * could rewrite the screen, a bidi override could show one name as another. Such characters become
 * visible as `\u{202e}`. Line breaks and tabs stay where `keep` is `lines`.
 */
export function plainText(text: string, keep: 'lines' | 'nothing' = 'nothing'): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, (character) => {
    if (keep === 'lines' && (character === '\n' || character === '\t')) return character
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`
  })
}
