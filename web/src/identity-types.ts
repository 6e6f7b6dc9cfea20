/** A program that asks to act for somebody. */
export interface Asking {
  client: string;
  scopes: string[];
  /** Where it asks from, when it waits for a code. */
  address?: string;
  device?: string;
}

/** A browser that somebody is signed in with. */
export interface BrowserSession {
  id: string;
  method: 'password' | 'link' | 'token' | 'company' | 'demo';
  device: string;
  address: string;
  startedAt: string;
  seenAt: string;
  expiresAt: string;
  current: boolean;
}

/** The company's identity provider, for the sign-in page. */
export interface Company {
  title: string;
}
