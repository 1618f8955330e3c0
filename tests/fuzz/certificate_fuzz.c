/* Fuzzes the certificates that strangers show: none crashes, and a pin has a validity. */
#include "keys/certificate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rest_pin pin = {0};
    struct error error;
    if (certificate_pin_der((struct bytes){data, size}, &pin, &error) == RESULT_OK &&
        pin.from_s >= pin.until_s) {
        abort();
    }
    if (certificate_pin_pem((struct bytes){data, size}, &pin, &error) == RESULT_OK &&
        pin.from_s >= pin.until_s) {
        abort();
    }
    return 0;
}
