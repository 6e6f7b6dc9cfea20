/** NIST SP 800-63B §3.1.1: a password that stands alone has at least 15 characters; no rules about kinds of them. */
export const PASSWORD_CHARACTERS = 15;

/** Why the password may not be taken, or null: its length, and what an attacker would try first. */
export function weaknessOf(password: string, person: { email: string | null; name: string }): string | null {
  if ([...password].length < PASSWORD_CHARACTERS) return `it has less than ${PASSWORD_CHARACTERS} characters`;
  const plain = lettersOf(password);
  if (new Set(password).size < 5) return 'it repeats the same few characters';
  if (isRun(plain)) return 'its characters follow one another';
  const words = [person.email ?? '', (person.email ?? '').split('@')[0] ?? '', person.name, 'crossdock'];
  // What is left without the words that everybody knows has to be a password of its own.
  const rest = words
    .map(lettersOf)
    .filter((word) => word.length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word, ''), plain);
  return rest.length < 8 && rest.length < plain.length
    ? 'it is little more than a name everybody knows'
    : null;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** `abcdefghijklmno`, `987654321098765`: each character is the neighbour of the one before, nearly always. */
function isRun(text: string): boolean {
  let steps = 0;
  for (let place = 1; place < text.length; place++) {
    if (Math.abs(text.charCodeAt(place) - text.charCodeAt(place - 1)) <= 1) steps++;
  }
  return text.length > 1 && steps >= (text.length - 1) * 0.85;
}
