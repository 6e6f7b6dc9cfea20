/** What a person sees when an application sent them here with something that cannot be right. */
export function errorPage(code: string, description: string | undefined): string {
  const escape = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Not signed in · Crossdock</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;padding:0 1rem}code{color:#666}</style>
<h1>The application asked for something that cannot be</h1>
<p>${escape(description ?? 'The request is not valid.')}</p>
<p>Nothing was given to it. Go back and try again; if it stays, tell whoever runs the application.</p>
<p><code>${escape(code)}</code></p></html>`;
}
