/** An answer that is a file on this machine: the door streams it and then calls `dispose`. */
export class FileAnswer {
  readonly path: string;
  readonly contentType: string;
  readonly fileName: string;
  readonly headers: Record<string, string>;
  readonly dispose: () => Promise<void>;

  constructor(file: {
    path: string;
    contentType: string;
    fileName: string;
    headers?: Record<string, string>;
    dispose: () => Promise<void>;
  }) {
    this.path = file.path;
    this.contentType = file.contentType;
    this.fileName = file.fileName;
    this.headers = file.headers ?? {};
    this.dispose = file.dispose;
  }
}

/** The client already has this answer (RFC 9110 §13.1.2). */
export class NotModified {
  readonly etag: string;
  readonly headers: Record<string, string>;

  constructor(etag: string, headers: Record<string, string> = {}) {
    this.etag = etag;
    this.headers = headers;
  }
}
