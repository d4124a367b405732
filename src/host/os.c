#include "host/os.h"

const struct os_value *os_value_find(const struct os_values *values, const char *key)
{
	for (size_t i = values->count; i-- > 0;)
		if (str_eq(values->at[i].key, key))
			return &values->at[i];
	return NULL;
}
