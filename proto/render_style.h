/* The style of the page: for screens and for A4. */
#ifndef COMESH_PROTO_RENDER_STYLE_H
#define COMESH_PROTO_RENDER_STYLE_H

extern const char *const render_style;

#endif
